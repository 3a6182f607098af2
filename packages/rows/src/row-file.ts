import { extname } from 'node:path';
import { CoresetError, writeAtomic } from '@coreset/core';
import { folderFile } from './folder.js';
import { type Compression, compressionByName, detectKind, type FileKind, type Format, isTextFormat } from './format.js';
import { parquetFile } from './parquet/parquet-file.js';
import type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
import { csvFile } from './text/csv.js';
import { jsonFile } from './text/json.js';
import { jsonlFile } from './text/jsonl.js';
import type { TextSource } from './text/line-blocks.js';
import { packed } from './text/packed.js';
import { textFile } from './text/text.js';
import { npyFile } from './vectors/npy-file.js';

/** A file of rows that is read as a stream, as often as needed; only a few rows are in memory at a time. */
export interface RowFile extends FileKind, RowContents {
  path: string;
  /** The rows of {@link batches}, one at a time. */
  read(fields: string[]): AsyncGenerator<Row, void, undefined>;
}

const OPENERS: Record<Format, (path: string, compression: Compression, options: OpenOptions) => RowContents> = {
  jsonl: text(jsonlFile),
  json: text(jsonFile),
  csv: text((source) => csvFile(source, ',')),
  tsv: text((source) => csvFile(source, '\t')),
  text: text(textFile),
  parquet: parquetFile,
  npy: npyFile,
  folder: folderFile,
};

function text(open: (source: TextSource) => RowContents): (typeof OPENERS)[Format] {
  return (path, compression, options) => open({ path, compression, options });
}

/**
 * Open a file of rows: JSONL, JSON, CSV or TSV with a header, Parquet, text (a line a row) or `.npy` (a row of
 * numbers a row); text formats may be packed by gzip or zstd. Of a folder the images are the rows.
 * @throws CoresetError when the file is missing or of no known kind; reading throws one that names the line or row
 */
export function openRows(path: string, options: OpenOptions = {}): RowFile {
  const kind = detectKind(path);
  const contents = OPENERS[kind.format](path, kind.compression, options);
  return { path, ...kind, ...contents, read: (fields) => eachRow(contents.batches(fields)) };
}

async function* eachRow(batches: AsyncIterable<Row[]>): AsyncGenerator<Row, void, undefined> {
  for await (const batch of batches) yield* batch;
}

/**
 * Read all rows into memory; for notebooks and small files.
 * @param fields which fields to decode; default: all
 */
export async function readRows(path: string, fields?: string[]): Promise<Row[]> {
  const file = openRows(path);
  const rows: Row[] = [];
  for await (const row of file.read(fields ?? (await file.fields()))) rows.push(row);
  return rows;
}

/**
 * Write the kept rows to `out`: the input's format, all its fields, input order, whole or not at all.
 * What is kept of a text file keeps its bytes; of a folder the kept paths are written, a line each. `out` is packed as
 * its name says: `.gz`, `.zst` or `.zstd`.
 */
export async function writeKeptRows(file: RowFile, keep: KeepRow, out: string): Promise<void> {
  const compression = compressionByName(out);
  if (compression !== 'none' && !isTextFormat(file.format) && file.format !== 'folder')
    throw new CoresetError(`${out}: a kept ${file.format} file is not packed; name it without ${extname(out)}`);
  await writeAtomic(out, (sink) => packed(compression, sink, (inner) => file.writeKept(keep, inner)));
}
