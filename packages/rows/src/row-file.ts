import { CoresetError, requireKnownOptions } from '@coreset/core';
import { arrowFile } from './arrow/arrow-file.js';
import { isAddress } from './bytes/remote.js';
import { folderFile } from './folder.js';
import { bareExtension, detectKind, isTextFormat } from './format.js';
import { listInputs, listInputsInTurns } from './inputs.js';
import { joinFiles } from './joined-files.js';
import type { Compression, FileKind, Format } from './kinds.js';
import { parquetFile, remoteParquet } from './parquet/parquet-file.js';
import { type InputFile, OPEN_OPTIONS, type OpenOptions, type Row, type RowContents, type RowFile } from './row.js';
import { csvFile } from './text/csv.js';
import { jsonFile } from './text/json.js';
import { jsonlFile } from './text/jsonl.js';
import type { TextSource } from './text/line-blocks.js';
import { textFile } from './text/text.js';
import { vectorRows } from './vectors/vectors-file.js';

const OPENERS: Record<
  Exclude<Format, 'folder'>,
  (path: string, compression: Compression, options: OpenOptions) => RowContents
> = {
  jsonl: text(jsonlFile),
  json: text(jsonFile),
  csv: text((source) => csvFile(source, ',')),
  tsv: text((source) => csvFile(source, '\t')),
  text: text(textFile),
  parquet: parquetFile,
  arrow: arrowFile,
  npy: (path, _, options) => vectorRows(path, options),
  npz: (path, _, options) => vectorRows(path, options),
  safetensors: (path, _, options) => vectorRows(path, options),
};

function text(open: (source: TextSource) => RowContents): (typeof OPENERS)['jsonl'] {
  return (path, compression, options) => open({ path, compression, options });
}

/**
 * Open rows: JSONL, JSON, CSV or TSV with a header, Parquet, Arrow, text (a line a row), or vectors in `.npy`, `.npz` or
 * `.safetensors` (a row of numbers a row); text formats may be packed by gzip or zstd. Of a folder of images these are the
 * rows.
 *
 * @param inputs a file, a glob pattern, a folder of shards or the https address of a Parquet file, or several of these: one corpus, whose rows are numbered over
 * all files. Columns in the names of folders (`lang=en/`) are fields.
 * @throws CoresetError when a file is missing, of no known kind or of another kind than the others; reading throws one
 * that names the line or row
 */
export function openRows(inputs: string | readonly string[], options: OpenOptions = {}): RowFile {
  requireKnownOptions('openRows', options, OPEN_OPTIONS);
  const given = typeof inputs === 'string' ? [inputs] : inputs;
  return openFiles(given, listInputs(given, options.onNotice), options);
}

/**
 * As {@link openRows}, without holding up this thread where a folder has very many files.
 * @throws the reason of the signal when it aborts; else what {@link openRows} throws
 */
export async function openRowsInTurns(
  inputs: readonly string[],
  options: OpenOptions = {},
  signal?: AbortSignal,
): Promise<RowFile> {
  requireKnownOptions('openRowsInTurns', options, OPEN_OPTIONS);
  return openFiles(inputs, await listInputsInTurns(inputs, options.onNotice, signal), options);
}

function openFiles(given: readonly string[], files: InputFile[], options: OpenOptions): RowFile {
  if (files.length === 1 && Object.keys(files[0].partitions).length === 0) return openFile(files[0], options);
  const parts = files.map((file) => ({ ...file, file: openFile(file, options) }));
  const path = given.length === 1 ? given[0] : `${given[0]} and ${given.length - 1} more`;
  const { format, compression } = parts[0].file;
  const joined = joinFiles(parts);
  return { path, format, compression, ...joined, read: (fields) => eachRow(joined.batches(requireFieldList(fields))) };
}

function openFile(input: InputFile, options: OpenOptions): RowFile {
  const { path, name } = input;
  const contents = isAddress(path) ? openRemote(path) : openLocal(input, options);
  const file: RowFile = {
    path,
    ...contents,
    parts: [],
    place: (row) => `${path}: row ${row}`,
    read: (fields) => eachRow(contents.batches(requireFieldList(fields))),
    async starts(): Promise<number[]> {
      let rows = 0;
      for await (const batch of contents.batches([])) rows += batch.length;
      return [0, rows];
    },
  };
  file.parts = [{ path, name, partitions: {}, file }];
  return file;
}

function openLocal({ path, files = [] }: InputFile, options: OpenOptions): ReturnType<typeof openRemote> {
  const kind = detectKind(path);
  requireEffect(path, kind.format, options);
  if (kind.format === 'folder') return { ...kind, ...folderFile(path, files) };
  return { ...kind, ...OPENERS[kind.format](path, kind.compression, options) };
}

/** @throws CoresetError for options that would change nothing about a file of this format */
function requireEffect(path: string, format: Format, { delimiter, encoding }: OpenOptions): void {
  if (delimiter !== undefined && format !== 'csv' && format !== 'tsv')
    throw new CoresetError(`${path}: --delimiter counts for CSV and TSV alone, and this is ${format}; leave it out`);
  if (encoding !== undefined && !isTextFormat(format))
    throw new CoresetError(`${path}: --encoding counts for text formats alone, and this is ${format}; leave it out`);
}

/** A Parquet file on the web, of which its footer and the columns that are read are fetched, nothing else. */
function openRemote(address: string): Pick<RowFile, keyof FileKind | keyof RowContents> {
  if (!['.parquet', '.pq'].includes(bareExtension(new URL(address).pathname)))
    throw new CoresetError(`${address}: of the files on the web only Parquet is read in place; download it first`);
  return { format: 'parquet', compression: 'none', ...remoteParquet(address) };
}

/** @throws CoresetError when no fields are named, or in another way than by a list */
function requireFieldList(fields: string[]): string[] {
  if (Array.isArray(fields)) return fields;
  throw new CoresetError(
    `read takes a list of fields, such as ['text'], got ${fields === undefined ? 'nothing' : typeof fields}`,
  );
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
