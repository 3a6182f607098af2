import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { CoresetError, writeAtomic } from '@coreset/core';
import { arrowFile } from './arrow/arrow-file.js';
import { isAddress } from './bytes/remote.js';
import { folderFile } from './folder.js';
import { bareExtension, type Compression, detectKind, type FileKind, type Format } from './format.js';
import { parquetFile, remoteParquet } from './parquet/parquet-file.js';
import type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
import { csvFile } from './text/csv.js';
import { jsonlFile } from './text/jsonl.js';
import { textFile } from './text/text.js';
import { npyFile } from './vectors/npy-file.js';

/** A file of rows that is read as a stream, as often as needed; only a few rows are in memory at a time. */
export interface RowFile extends FileKind, RowContents {
  path: string;
  /** The rows of {@link batches}, one at a time. */
  read(fields: string[]): AsyncGenerator<Row, void, undefined>;
}

const OPENERS: Record<Format, (path: string, compression: Compression, options: OpenOptions) => RowContents> = {
  jsonl: jsonlFile,
  csv: (path, compression) => csvFile(path, compression, ','),
  tsv: (path, compression) => csvFile(path, compression, '\t'),
  text: textFile,
  parquet: parquetFile,
  arrow: arrowFile,
  npy: npyFile,
  folder: folderFile,
};

/**
 * Open a file of rows: JSONL, CSV or TSV with a header, Parquet, text (a line a row) or `.npy` (a row of
 * numbers a row); text formats may be gzipped. Of a folder the images are the rows.
 * @throws CoresetError when the file is missing or of no known kind; reading throws one that names the line or row
 */
export function openRows(path: string, options: OpenOptions = {}): RowFile {
  if (isAddress(path)) return openRemoteParquet(path);
  const kind = detectKind(path);
  const contents = OPENERS[kind.format](path, kind.compression, options);
  return { path, ...kind, ...contents, read: (fields) => eachRow(contents.batches(fields)) };
}

/**
 * Open a Parquet file at an https address. Its footer and the columns that are read are fetched, nothing else.
 * @throws CoresetError when the address names another kind of file; reading throws one when the server does not send
 * parts of a file or says that it is not there
 */
export function openRemoteParquet(address: string): RowFile {
  const { pathname } = new URL(address);
  if (!['.parquet', '.pq'].includes(bareExtension(pathname))) {
    throw new CoresetError(
      `${address}: of the files on the web only Parquet is read; download it and give the local file`,
    );
  }
  const contents = remoteParquet(address);
  return {
    path: address,
    format: 'parquet',
    compression: 'none',
    ...contents,
    read: (fields) => eachRow(contents.batches(fields)),
  };
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
 * JSONL and text lines keep their bytes; of a folder the kept paths are written, a line each. `out` is gzipped when its name ends in `.gz`.
 */
export async function writeKeptRows(file: RowFile, keep: KeepRow, out: string): Promise<void> {
  await writeAtomic(out, async (sink) => {
    if (!out.toLowerCase().endsWith('.gz')) return file.writeKept(keep, sink);
    if (file.format === 'parquet' || file.format === 'arrow' || file.format === 'npy') {
      throw new CoresetError(`${out}: a kept ${file.format} file is not gzipped; name it without .gz`);
    }
    const gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => sink.write(chunk));
    await file.writeKept(keep, { write: (bytes) => void gzip.write(bytes) });
    gzip.end();
    await once(gzip, 'end');
  });
}
