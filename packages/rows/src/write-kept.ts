import { extname, join } from 'node:path';
import { CoresetError, type Sink, writeAtomic } from '@coreset/core';
import {
  bareExtension,
  compressionByName,
  EXTENSIONS,
  extensionOf,
  type FileKind,
  type Format,
  formatByName,
  isTextFormat,
} from './format.js';
import { requireAlike } from './joined-files.js';
import { requireWritableParquet } from './parquet/parquet-file.js';
import type { KeepRow } from './row.js';
import type { RowFile } from './row-file.js';
import { packed } from './text/packed.js';
import { type WriteFormat, type WriteOptions, writeKeptAs } from './write/write-kept-as.js';

/**
 * The format and packing that a name asks for by its extensions; without one the format is that of the rows.
 * @throws CoresetError when the extension is of no known format
 */
export function outputKind(file: RowFile, out: string): FileKind {
  const compression = compressionByName(out);
  const extension = bareExtension(out);
  if (extension === '') return { format: file.format, compression };
  const format = formatByName(out);
  if (format === undefined)
    throw new CoresetError(
      `${out}: unknown kind of file; name it ${EXTENSIONS.join(', ')} (text formats also with .gz or .zst)`,
    );
  return { format: file.format === 'folder' && format === 'text' ? 'folder' : format, compression };
}

/**
 * Write the kept rows to `out`, whole or not at all, in input order with all their fields, in the format and packing that
 * its extensions say. In the input's own format what is kept keeps its bytes or values; of a folder of images the kept paths
 * are written, a line each.
 * @param options what of the rows becomes a line where `out` is a text file
 * @throws CoresetError when the format cannot hold the rows
 */
export async function writeKeptRows(
  file: RowFile,
  keep: KeepRow,
  out: string,
  options: WriteOptions = {},
): Promise<void> {
  const { format, compression } = requirePackable(file, out);
  const write = isOwnFormat(file, format)
    ? (sink: Sink) => file.writeKept(keep, sink)
    : (sink: Sink) => writeKeptAs(format as WriteFormat, file, keep, sink, options);
  await writeAtomic(out, (sink) => packed(compression, sink, write));
}

/** Whether kept rows can stay as they are. The brackets of several JSON files cannot. */
function isOwnFormat(file: RowFile, format: Format): boolean {
  return format === file.format && !(format === 'json' && file.parts.length > 1);
}

function requirePackable(file: RowFile, out: string): FileKind {
  const kind = outputKind(file, out);
  if (kind.compression !== 'none' && !isTextFormat(kind.format) && kind.format !== 'folder')
    throw new CoresetError(`${out}: a kept ${kind.format} file is not packed; name it without ${extname(out)}`);
  return kind;
}

/** Formats that only rows of the same are written in. */
const OWN_ALONE: Format[] = ['npy', 'npz', 'safetensors', 'folder'];

/**
 * Find out whether kept rows can be written, before any long work.
 * @throws CoresetError when they cannot
 */
export async function requireWritableAs(file: RowFile, out: string): Promise<void> {
  const { format } = requirePackable(file, out);
  if (!isOwnFormat(file, format)) {
    if (OWN_ALONE.includes(format) || OWN_ALONE.includes(file.format))
      throw new CoresetError(
        `${out}: ${file.format === 'folder' ? 'paths of images' : `${file.format} rows`} cannot be written as ${format}; name it ${extensionOf(file)}`,
      );
    return;
  }
  if (file.parts.length > 1) await requireAlike(file.parts);
  if (format === 'parquet') for (const { path } of file.parts) await requireWritableParquet(path);
}

/**
 * Write the kept rows of each file into a folder, under the names that the files have.
 * @returns the paths written
 */
export async function writeKeptFiles(file: RowFile, keep: KeepRow, folder: string): Promise<string[]> {
  const starts = await file.starts();
  const written: string[] = [];
  for (const [p, part] of file.parts.entries()) {
    const out = join(folder, part.name);
    await writeKeptRows(part.file, (row) => keep(starts[p] + row), out);
    written.push(out);
  }
  return written;
}
