import { extname, join } from 'node:path';
import { CoresetError, requireKnownOptions, type Sink, writeAtomic } from '@coreset/core';
import { readHead } from './first-bytes.js';
import { bareExtension, compressionByName, EXTENSIONS, extensionOf, formatByName, isTextFormat } from './format.js';
import { requireAlike } from './joined-files.js';
import type { FileKind, Format } from './kinds.js';
import { requireWritableParquet } from './parquet/parquet-file.js';
import type { KeepRow, RowFile } from './row.js';
import { packed } from './text/packed.js';
import { hasWriter, WRITE_OPTIONS, type WriteOptions, writeKeptAs } from './write/write-kept-as.js';

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
  requireKnownOptions('writeKeptRows', options, WRITE_OPTIONS);
  const { format, compression } = requirePackable(file, out);
  const write = await keptWriter(file, keep, format, out, options);
  const { check, signal } = options;
  await writeAtomic(
    out,
    async (sink) => {
      await packed(compression, sink, write);
      check?.();
    },
    signal,
  );
}

/**
 * Write the kept rows in the input's own format, as they are: without compression, with the columns that the names of
 * folders give.
 * @throws CoresetError when the format cannot hold them
 */
export async function writeKeptTo(file: RowFile, keep: KeepRow, sink: Sink, options: WriteOptions = {}): Promise<void> {
  requireKnownOptions('writeKeptTo', options, WRITE_OPTIONS);
  const write = await keptWriter(file, keep, file.format, '-', options);
  await write(sink);
  options.check?.();
}

/** Whether some rows may turn out to be such that they cannot be written: not where lines keep their bytes. */
export async function needsTrial(file: RowFile, out: string): Promise<boolean> {
  const { format } = requirePackable(file, out);
  return format === 'parquet' || format === 'arrow' || !(await isOwnFormat(file, format, out));
}

/**
 * Write all rows to nowhere, as {@link writeKeptRows} would, to find out before any long work whether each can be.
 * @throws CoresetError naming the row that cannot be written, or read
 */
export async function tryWriting(file: RowFile, out: string, options: WriteOptions = {}): Promise<void> {
  requireKnownOptions('tryWriting', options, WRITE_OPTIONS);
  const { format } = requirePackable(file, out);
  // What is kept whole may be copied unread: of rows in their own format every second is kept, so that all are decoded.
  const isOwn = await isOwnFormat(file, format, out);
  const write = await keptWriter(file, (row) => !isOwn || row % 2 === 1, format, out, options);
  await write({ write: () => options.signal?.throwIfAborted() });
}

async function keptWriter(
  file: RowFile,
  keep: KeepRow,
  format: Format,
  out: string,
  options: WriteOptions,
): Promise<(sink: Sink) => Promise<void>> {
  if (await isOwnFormat(file, format, out)) return (sink) => file.writeKept(keep, sink);
  return (sink) => writeKeptAs(format, file, keep, sink, options);
}

/**
 * Whether kept rows can stay as they are. The brackets of several JSON files cannot, nor can rows to which the names of
 * folders give columns, but for text, which has none.
 * @throws CoresetError for such rows of a format whose columns have types, which other rows would not keep
 */
async function isOwnFormat(file: RowFile, format: Format, out: string): Promise<boolean> {
  if (format !== file.format || (format === 'json' && file.parts.length > 1)) return false;
  const added = await columnsOfFolders(file);
  if (added.length === 0 || format === 'text') return true;
  if (format !== 'parquet' && format !== 'arrow') return false;
  throw new CoresetError(
    `${out}: the column '${added[0]}' is in the names of folders alone, so one ${format} file would lose it; keep the folders with --out DIR/, or name a .jsonl or .csv file`,
  );
}

async function columnsOfFolders({ parts }: RowFile): Promise<string[]> {
  for (const { file, partitions } of parts) {
    const names = Object.keys(partitions);
    if (names.length === 0) continue;
    const own = await file.fields();
    const added = names.filter((name) => !own.includes(name));
    if (added.length > 0) return added;
  }
  return [];
}

function requirePackable(file: RowFile, out: string): FileKind {
  const kind = outputKind(file, out);
  if (kind.compression !== 'none' && !isTextFormat(kind.format) && kind.format !== 'folder')
    throw new CoresetError(`${out}: a kept ${kind.format} file is not packed; name it without ${extname(out)}`);
  return kind;
}

/** Which of Arrow's two containers the readers of an extension take; those of `.arrow` take both. */
const CONTAINERS: Record<string, 'file' | 'stream'> = { '.feather': 'file', '.arrows': 'stream' };

function requireContainer(file: RowFile, out: string): void {
  const extension = bareExtension(out);
  const wanted = CONTAINERS[extension];
  const isStream = file.format === 'arrow' && readHead(file.parts[0].path, 6).toString('latin1') !== 'ARROW1';
  const written = isStream ? 'stream' : 'file';
  if (wanted !== undefined && wanted !== written)
    throw new CoresetError(
      `${out}: the kept rows are an Arrow ${written}, and ${extension} says a ${wanted}; name it .arrow`,
    );
}

/**
 * Find out whether kept rows can be written, before any long work.
 * @throws CoresetError when they cannot
 */
export async function requireWritableAs(file: RowFile, out: string): Promise<void> {
  requireContainer(file, out);
  const { format } = requirePackable(file, out);
  if (!(await isOwnFormat(file, format, out))) {
    if (!hasWriter(format) || !hasWriter(file.format))
      throw new CoresetError(
        `${out}: ${file.format === 'folder' ? 'paths of images' : `${file.format} rows`} cannot be written as ${format}; name it ${extensionOf(file)}`,
      );
    return;
  }
  if (file.parts.length > 1) await requireAlike(file.parts);
  else if (format === 'parquet') await requireWritableParquet(file.parts[0].path);
}

/**
 * Write the kept rows of each file into a folder, under the names that the files have.
 * @returns the paths written
 */
export async function writeKeptFiles(
  file: RowFile,
  keep: KeepRow,
  folder: string,
  options: WriteOptions = {},
): Promise<string[]> {
  requireKnownOptions('writeKeptFiles', options, WRITE_OPTIONS);
  const starts = await file.starts();
  const written: string[] = [];
  for (const [p, part] of file.parts.entries()) {
    const out = join(folder, part.name);
    await writeKeptRows(part.file, (row) => keep(starts[p] + row), out, options);
    written.push(out);
  }
  return written;
}
