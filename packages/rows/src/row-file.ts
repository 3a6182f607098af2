import { once } from 'node:events';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { CoresetError, writeAtomic } from '@coreset/core';
import { folderFile } from './folder.js';
import { type Compression, detectKind, type FileKind, type Format } from './format.js';
import { type InputFile, listInputs } from './inputs.js';
import { type JoinedRows, joinFiles } from './joined-files.js';
import { parquetFile } from './parquet/parquet-file.js';
import type { KeepRow, OpenOptions, Row, RowContents } from './row.js';
import { csvFile } from './text/csv.js';
import { jsonlFile } from './text/jsonl.js';
import { textFile } from './text/text.js';
import { vectorRows } from './vectors/vectors-file.js';

/** Rows of a file, or of several as one, read as a stream as often as needed; only a few rows are in memory at a time. */
export interface RowFile extends FileKind, JoinedRows {
  /** The file, or what was given for several. */
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
  npy: (path, _, options) => vectorRows(path, options),
  npz: (path, _, options) => vectorRows(path, options),
  safetensors: (path, _, options) => vectorRows(path, options),
  folder: folderFile,
};

/**
 * Open rows: JSONL, CSV or TSV with a header, Parquet, text (a line a row) or `.npy` (a row of numbers a row); text
 * formats may be packed. Of a folder of images these are the rows.
 *
 * @param inputs a file, a glob pattern or a folder of shards, or several of these: one corpus, whose rows are numbered over
 * all files. Columns in the names of folders (`lang=en/`) are fields.
 * @throws CoresetError when a file is missing, of no known kind or of another kind than the others; reading throws one
 * that names the line or row
 */
export function openRows(inputs: string | readonly string[], options: OpenOptions = {}): RowFile {
  const given = typeof inputs === 'string' ? [inputs] : inputs;
  const files = listInputs(given);
  if (files.length === 1 && Object.keys(files[0].partitions).length === 0) return openFile(files[0], options);
  const parts = files.map((file) => ({ ...file, file: openFile(file, options) }));
  const path = given.length === 1 ? given[0] : `${given[0]} and ${given.length - 1} more`;
  const { format, compression } = parts[0].file;
  const joined = joinFiles(parts);
  return { path, format, compression, ...joined, read: (fields) => eachRow(joined.batches(fields)) };
}

function openFile({ path, name }: Pick<InputFile, 'path' | 'name'>, options: OpenOptions): RowFile {
  const kind = detectKind(path);
  const contents = OPENERS[kind.format](path, kind.compression, options);
  const file: RowFile = {
    path,
    ...kind,
    ...contents,
    parts: [],
    place: (row) => `${path}: row ${row}`,
    read: (fields) => eachRow(contents.batches(fields)),
    async starts(): Promise<number[]> {
      let rows = 0;
      for await (const batch of contents.batches([])) rows += batch.length;
      return [0, rows];
    },
  };
  file.parts = [{ path, name, partitions: {}, file }];
  return file;
}

async function* eachRow(batches: AsyncIterable<Row[]>): AsyncGenerator<Row, void, undefined> {
  for await (const batch of batches) yield* batch;
}

/**
 * Read all rows into memory; for notebooks and small files.
 * @param fields which fields to decode; default: all
 */
export async function readRows(path: string | readonly string[], fields?: string[]): Promise<Row[]> {
  const file = openRows(path);
  const rows: Row[] = [];
  for await (const row of file.read(fields ?? (await file.fields()))) rows.push(row);
  return rows;
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

/**
 * Write the kept rows to `out`: the input's format, all its fields, input order, whole or not at all.
 * JSONL and text lines keep their bytes; of a folder the kept paths are written, a line each. `out` is gzipped when its name ends in `.gz`.
 */
export async function writeKeptRows(file: RowFile, keep: KeepRow, out: string): Promise<void> {
  await writeAtomic(out, async (sink) => {
    if (!out.toLowerCase().endsWith('.gz')) return file.writeKept(keep, sink);
    if (['parquet', 'npy', 'npz', 'safetensors'].includes(file.format)) {
      throw new CoresetError(`${out}: a kept ${file.format} file is not gzipped; name it without .gz`);
    }
    const gzip = createGzip();
    gzip.on('data', (chunk: Buffer) => sink.write(chunk));
    await file.writeKept(keep, { write: (bytes) => void gzip.write(bytes) });
    gzip.end();
    await once(gzip, 'end');
  });
}
