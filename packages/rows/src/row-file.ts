import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { CoresetError, type Sink, writeAtomic } from '@coreset/core';
import { csvFile } from './csv.js';
import { folderFile } from './folder.js';
import { detectKind, type FileKind, type Format } from './format.js';
import { jsonlFile } from './jsonl.js';
import { npyFile } from './npy-file.js';
import { parquetFile } from './parquet.js';
import { textFile } from './text.js';

/** A row's values by field name. */
export type Row = Record<string, unknown>;

/** Decides which rows, by number, are kept. */
export type KeepRow = (row: number) => boolean;

/** What each format implements. */
export interface RowContents {
  /** The fields of the rows: all columns, or for JSONL the fields of the first row. */
  fields(): Promise<string[]>;
  /**
   * The rows in order. Where the format allows it only the fields listed are decoded; a field that a row
   * lacks is undefined.
   */
  read(fields: string[]): AsyncGenerator<Row, void, undefined>;
  /** Write the kept rows in the file's own format, in input order, without compression. */
  writeKept(keep: KeepRow, sink: Sink): Promise<void>;
}

/** A file of rows that is read as a stream, as often as needed; only a few rows are in memory at a time. */
export interface RowFile extends FileKind, RowContents {
  path: string;
}

const OPENERS: Record<Format, (path: string, gzipped: boolean) => RowContents> = {
  jsonl: jsonlFile,
  csv: (path, gzipped) => csvFile(path, gzipped, ','),
  tsv: (path, gzipped) => csvFile(path, gzipped, '\t'),
  text: textFile,
  parquet: parquetFile,
  npy: npyFile,
  folder: folderFile,
};

/**
 * Open a file of rows: JSONL, CSV or TSV with a header, Parquet, text (a line a row) or `.npy` (a row of
 * numbers a row); text formats may be gzipped. Of a folder the images are the rows.
 * @throws CoresetError when the file is missing or of no known kind; reading throws one that names the line or row
 */
export function openRows(path: string): RowFile {
  const kind = detectKind(path);
  return { path, ...kind, ...OPENERS[kind.format](path, kind.gzipped) };
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
    if (file.format === 'parquet' || file.format === 'npy') {
      throw new CoresetError(`${out}: a kept ${file.format} file is not gzipped; name it without .gz`);
    }
    const gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => sink.write(chunk));
    await file.writeKept(keep, { write: (bytes) => void gzip.write(bytes) });
    gzip.end();
    await once(gzip, 'end');
  });
}
