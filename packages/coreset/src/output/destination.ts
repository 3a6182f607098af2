import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { CoresetError, type Diagnostics, descriptorOf, nearestOf, requireWritable } from '@coreset/core';
import { extensionOf, formatByName, outputKind, type RowFile, requireWritableAs } from '@coreset/rows';
import type { Corpus } from '../input/corpus.js';
import { NO_ID } from '../input/ids.js';
import { type Inputs, requireNoInput, requireNoRunFile, requireOtherStdout } from './no-input.js';

/** What is written of the kept rows: themselves, their ids, or a mark for each row of the input. */
export type Emit = 'rows' | 'ids' | 'mask';

export const EMITS: Emit[] = ['rows', 'ids', 'mask'];

/** Where the result goes. */
export interface OutputOptions {
  /**
   * A file, in the format that its extension names; a folder (with `/` at its end, or there already), with a file for each
   * file of the input under its name; or `-` for standard output. Default: a file in the run directory, in the input's format; where folders are columns (`lang=en/`) the folder `kept` there.
   */
  out?: string;
  /** The kept rows (default), their ids one a line, or a mask with a mark for each row of the input. */
  emit?: Emit;
}

/** Every option of {@link OutputOptions}. */
export const OUTPUT_OPTIONS: Readonly<Record<keyof OutputOptions, true>> = { out: true, emit: true };

/** Where the result goes, found in order. */
export interface Destination {
  emit: Emit;
  kind: 'file' | 'folder' | 'stdout';
  /** `-` for standard output. */
  path: string;
}

const MASK_EXTENSIONS = ['.npy', '.txt', '.json'];
const ID_EXTENSIONS = ['.txt', '.json', '.jsonl'];

/** @throws CoresetError when what is said without looking at the input is wrong */
export function checkOutput({ out, emit = 'rows' }: OutputOptions): void {
  if (!EMITS.includes(emit))
    throw new CoresetError(`emit '${emit}' is not known${nearestOf(emit, EMITS)}; use one of ${EMITS.join(', ')}`);
  if (out === undefined || isStdout(out)) return;
  if (out === '') throw new CoresetError('--out is empty; name a file, a folder, or - for standard output');
  if (isFolder(out)) {
    if (emit !== 'rows')
      throw new CoresetError(`--emit ${emit} writes one file, and --out ${out} is a folder; name a file`);
    requireWritable(join(out, 'kept'));
    return;
  }
  requireWritable(out);
  if (emit !== 'rows') requireExtension(out, emit);
}

function requireExtension(out: string, emit: 'ids' | 'mask'): void {
  const known = emit === 'ids' ? ID_EXTENSIONS : MASK_EXTENSIONS;
  if (!known.some((extension) => out.toLowerCase().endsWith(extension)))
    throw new CoresetError(
      `--out ${out}: ${emit === 'ids' ? 'ids' : 'masks'} are written as ${known.join(', ')}; name a file with one of these extensions`,
    );
}

/** Whether the result goes where the summary would go. */
export function isStdout(out: string): boolean {
  return out === '-' || descriptorOf(out) === 1;
}

function isFolder(out: string): boolean {
  return /[/\\]$/.test(out) || (existsSync(out) && statSync(out).isDirectory());
}

/**
 * Find the place of the result in order, before hours of work.
 * @param inputs what the run reads
 * @throws CoresetError when it would replace an input, or the rows cannot be written in its format
 */
export async function chooseDestination(
  options: OutputOptions,
  file: RowFile,
  corpus: Corpus | undefined,
  runDir: string,
  inputs: Inputs,
): Promise<Destination> {
  const { out, emit = 'rows' } = options;
  if (emit === 'ids' && corpus?.idField === undefined)
    throw new CoresetError(
      `--emit ids needs ids, and ${file.path} has no field that is one: name it with --id, or use --emit mask (--id ${NO_ID} says that there is none)`,
    );
  const destination = destinationOf(out, emit, file, runDir);
  if (destination.kind === 'stdout') requireOtherStdout(inputs);
  for (const path of written(destination, file)) {
    requireNoInput(path, inputs);
    requireNoRunFile(path, runDir);
  }
  if (emit !== 'rows') return destination;
  if (destination.kind === 'folder') {
    for (const part of file.parts) await requireWritableAs(part.file, join(destination.path, part.name));
  } else await requireWritableAs(file, destination.path);
  if (destination.kind === 'file') requireLines(file, corpus, destination.path);
  return destination;
}

/** Where the result goes; inside the run directory relative to it, else as it was named. */
export function destinationDiagnostics({ emit, kind, path }: Destination, file: RowFile, runDir: string): Diagnostics {
  const inside = relative(runDir, path);
  const isOutside = inside.startsWith('..') || isAbsolute(inside);
  const format = emit !== 'rows' ? emit : kind === 'file' ? outputKind(file, path).format : file.format;
  return { emit, format, path: kind === 'stdout' || isOutside ? path : inside };
}

/** Texts of other formats become lines of a text file. */
function requireLines(file: RowFile, corpus: Corpus | undefined, out: string): void {
  const row = corpus?.firstWithLines;
  if (row === undefined || file.format === 'text' || outputKind(file, out).format !== 'text') return;
  throw new CoresetError(
    `${out}: ${file.place(row)} has line breaks in its text, and a line of a text file is a row; name it .jsonl`,
  );
}

function destinationOf(out: string | undefined, emit: Emit, file: RowFile, runDir: string): Destination {
  if (out !== undefined && isStdout(out)) return { emit, kind: 'stdout', path: '-' };
  if (out !== undefined) return { emit, kind: isFolder(out) ? 'folder' : 'file', path: out };
  // Columns in the names of folders stay there.
  const hasFolders = file.parts.some(({ partitions }) => Object.keys(partitions).length > 0);
  if (emit === 'rows' && hasFolders) return { emit, kind: 'folder', path: join(runDir, 'kept') };
  const name = { rows: `kept${defaultExtension(file)}`, ids: 'ids.txt', mask: 'mask.npy' }[emit];
  return { emit, kind: 'file', path: join(runDir, name) };
}

/** The extension of the input's files, or the usual one of its format. */
function defaultExtension(file: RowFile): string {
  const name = file.format === 'folder' ? '' : file.parts[0].name.toLowerCase();
  if (formatByName(name) === undefined) return extensionOf(file);
  return /\.[^./]+(\.(gz|zst|zstd))?$/.exec(name)?.[0] ?? extensionOf(file);
}

function written({ kind, path }: Destination, file: RowFile): string[] {
  if (kind === 'stdout') return [];
  return kind === 'file' ? [path] : file.parts.map(({ name }) => join(path, name));
}
