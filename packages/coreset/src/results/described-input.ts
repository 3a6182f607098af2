import { statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { Format } from '@coreset/rows';
import type { RunInput } from '../input/open-input.js';
import type { EmbeddedInput } from '../stages/embedded-input.js';

/** A file as it was when a run read it. */
export interface DescribedFile {
  /** Full; of a copy in the run directory from there, so that the folder may be moved. */
  path: string;
  bytes: number;
  /** Time of its last change, in milliseconds since 1970. */
  changed: number;
}

/** What `manifest.json` says of the input of a run. */
export interface DescribedInput {
  /** A folder of images is one of them. */
  files: DescribedFile[];
  rows: number;
  format: Format;
  /** SHA-256 of the files. */
  sha256: string;
  /** The field that rows are told by. */
  id?: string;
  /** The folder that paths of images are relative to. */
  imageFolder?: string;
  /** The file of vectors, where they were given. */
  vectors?: DescribedFile & { sha256: string };
}

/** @param runDir where inputs that cannot be read twice were copied to */
export function describeInput(
  checked: RunInput,
  { rows, sha256, idField }: EmbeddedInput,
  runDir: string,
): DescribedInput {
  const { file, corpus, watch } = checked;
  const describe = (path: string): DescribedFile => {
    const { size, mtimeMs } = statSync(path);
    const inside = relative(runDir, path);
    const isInside = resolve(path).startsWith(resolve(runDir) + sep);
    return { path: isInside ? inside : resolve(path), bytes: size, changed: mtimeMs };
  };
  return {
    files: file.parts.map(({ path }) => describe(path)),
    rows,
    format: file.format,
    sha256,
    id: idField?.text,
    imageFolder: corpus?.content.modality === 'image' ? corpus.content.folder : undefined,
    vectors:
      checked.kind === 'vectors'
        ? { ...describe(checked.vectorsPath), sha256: watch.hash(checked.vectorsPath) }
        : undefined,
  };
}

/** Whether a file is as it was described, as far as its size and time tell. */
export function compareFile(path: string, { bytes, changed }: DescribedFile): 'same' | 'other' | 'unknown' {
  const { size, mtimeMs } = statSync(path);
  if (size !== bytes) return 'other';
  return mtimeMs === changed ? 'same' : 'unknown';
}
