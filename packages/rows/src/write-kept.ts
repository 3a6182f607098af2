import { extname, join } from 'node:path';
import { CoresetError, writeAtomic } from '@coreset/core';
import { bareExtension, compressionByName, EXTENSIONS, type FileKind, formatByName, isTextFormat } from './format.js';
import { requireWritableParquet } from './parquet/write-kept.js';
import type { KeepRow } from './row.js';
import type { RowFile } from './row-file.js';
import { packed } from './text/packed.js';

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
 */
export async function writeKeptRows(file: RowFile, keep: KeepRow, out: string): Promise<void> {
  const { compression } = outputKind(file, out);
  requirePackable(file, out);
  await writeAtomic(out, (sink) => packed(compression, sink, (inner) => file.writeKept(keep, inner)));
}

function requirePackable(file: RowFile, out: string): void {
  const { format, compression } = outputKind(file, out);
  if (compression !== 'none' && !isTextFormat(format) && format !== 'folder')
    throw new CoresetError(`${out}: a kept ${format} file is not packed; name it without ${extname(out)}`);
}

/**
 * Find out whether kept rows can be written, before any long work.
 * @throws CoresetError when they cannot
 */
export async function requireWritableAs(file: RowFile, out: string): Promise<void> {
  requirePackable(file, out);
  if (file.format === 'parquet') for (const { path } of file.parts) await requireWritableParquet(path);
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
