import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CoresetError, pickOptions } from '@coreset/core';
import {
  type FieldPath,
  OPEN_OPTIONS,
  type OpenOptions,
  openRowsInTurns,
  parseFieldPath,
  type Row,
  type RowFile,
} from '@coreset/rows';
import { columnsRead, hashRows } from '../input/corpus.js';
import { CORPUS_OPTIONS, type CorpusOptions } from '../input/corpus-options.js';
import { FileWatch } from '../input/file-watch.js';
import { type Id, idOf } from '../input/ids.js';
import { imageFingerprint } from '../input/inspect-image.js';
import { isCopied } from '../input/local-inputs.js';
import { chooseContent, type RowContent } from '../input/row-content.js';
import { isVectorFile } from '../input/vectors.js';
import { compareFile, type DescribedInput } from './described-input.js';

/** A row of the input, to be shown. */
export interface ShownRow {
  row: number;
  id?: Id;
  /** What is embedded of it, or where it has a vector the text that is found; undefined where there is none. */
  text?: string;
  /** The path of its image. */
  image?: string;
}

/** The input of a run, opened as the run opened it. */
export interface InputRows {
  file: RowFile;
  /** What is shown of a row. */
  content: RowContent;
  idField: FieldPath | undefined;
}

/** Where the input of a run is, and how it was read. */
export interface InputSource {
  /** What was given to the run, see `Manifest`. */
  given: string[];
  described: DescribedInput;
  options: CorpusOptions;
  /** The run directory. */
  folder: string;
}

/**
 * Open the input of a run again.
 * @param hasContent whether a row of the input has something to embed
 * @throws CoresetError when it is gone, or not what the run read
 */
export async function openInputRows(
  { given, described, options, folder }: InputSource,
  hasContent: (row: number) => boolean,
): Promise<InputRows> {
  const paths = described.files.map(({ path }) => resolve(folder, path));
  const gone = paths.find((path) => !existsSync(path));
  if (gone !== undefined) throw new CoresetError(`${gone} is not there any more, so that its rows cannot be shown`);
  const open = { ...pickOptions(options, OPEN_OPTIONS), onBrokenRow: (): void => {} };
  const file = await openAsGiven(given, paths, open);
  if (isVectorFile(file)) throw new CoresetError(`${file.path} holds vectors, which have no text to show`);
  const { vector, ...asked } = { ...pickOptions(options, CORPUS_OPTIONS), imageFolder: described.imageFolder };
  // Beside vectors a text is shown where one is found.
  const shown = vector === undefined ? asked : { ...asked, embeddings: vector };
  const content = await chooseContent(file, shown, undefined).catch(() => undefined);
  if (content === undefined || !(await isUnchanged({ file, content }, { described, folder }, hasContent)))
    throw new CoresetError(`${file.path} changed since the run, so that its rows cannot be shown; run it again`);
  const idField = described.id === undefined ? undefined : parseFieldPath(described.id, await file.fields());
  return { file, content, idField };
}

/** Folders of shards as they were given, so that columns in the names of folders are there; else the files that the run read. */
async function openAsGiven(given: string[], paths: string[], options: OpenOptions): Promise<RowFile> {
  if (!given.some(isCopied))
    try {
      const file = await openRowsInTurns(given, options);
      const found = file.parts.map(({ path }) => resolve(path));
      if (found.length === paths.length && found.every((path, i) => path === paths[i])) return file;
    } catch (error) {
      if (!CoresetError.isInstance(error)) throw error;
    }
  return openRowsInTurns(paths, options);
}

/** By the sizes and times of its files, and where the times differ by its hash. */
async function isUnchanged(
  { file, content }: Pick<InputRows, 'file' | 'content'>,
  { described, folder }: Pick<InputSource, 'described' | 'folder'>,
  hasContent: (row: number) => boolean,
): Promise<boolean> {
  if (file.format === 'folder') return (await folderHash({ file, content }, hasContent)) === described.sha256;
  const states = described.files.map((one) => compareFile(resolve(folder, one.path), one));
  if (states.includes('other')) return false;
  if (!states.includes('unknown')) return true;
  return hashRows(file, new FileWatch([])) === described.sha256;
}

async function folderHash(
  { file, content }: Pick<InputRows, 'file' | 'content'>,
  hasContent: (row: number) => boolean,
): Promise<string> {
  const fingerprint = createHash('sha256');
  let number = 0;
  for await (const row of file.read(content.columns)) {
    if (!hasContent(number++)) continue;
    const { value } = content.of(row);
    const status = statSync(resolve(content.folder, value), { throwIfNoEntry: false });
    fingerprint.update(imageFingerprint(value, { bytes: status?.size ?? 0, changed: status?.mtimeMs ?? 0 }));
  }
  return fingerprint.digest('hex');
}

/**
 * Read the listed rows, in one pass that ends behind the last of them.
 * @returns them in the order of the input, each once
 */
export async function readShownRows(
  { file, content, idField }: InputRows,
  rows: Iterable<number>,
  signal?: AbortSignal,
): Promise<Map<number, ShownRow>> {
  const wanted = new Set(rows);
  const found = new Map<number, ShownRow>();
  let number = 0;
  for await (const batch of wanted.size > 0 ? file.batches(columnsRead(content, idField)) : []) {
    signal?.throwIfAborted();
    for (const row of batch) {
      if (wanted.has(number)) found.set(number, shownRow(row, number, { content, idField }));
      number++;
    }
    if (found.size === wanted.size) break;
  }
  return found;
}

function shownRow(row: Row, number: number, { content, idField }: Pick<InputRows, 'content' | 'idField'>): ShownRow {
  const { value } = content.of(row);
  const shown: ShownRow = { row: number };
  if (idField !== undefined) shown.id = idOf(row, idField);
  if (value === '') return shown;
  return content.modality === 'image' ? { ...shown, image: resolve(content.folder, value) } : { ...shown, text: value };
}
