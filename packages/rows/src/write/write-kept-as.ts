import { CoresetError, requireKnownOptions, type Sink } from '@coreset/core';
import type { RowText } from '../fields/text-of-rows.js';
import type { Format } from '../kinds.js';
import type { KeepRow } from '../row.js';
import { writeArrow } from './arrow-writer.js';
import { writeCsv } from './csv-writer.js';
import { writeJson, writeJsonl } from './json-writer.js';
import { type KeptRows, keptRows, type RowSource } from './kept-rows.js';
import { writeText } from './text-writer.js';

type Writer = (kept: KeptRows, sink: Sink, options: WriteOptions) => Promise<void>;

/** What writes rows of any other format; undefined where only rows of the same format are written. */
const WRITERS: Record<Format, Writer | undefined> = {
  jsonl: writeJsonl,
  json: writeJson,
  csv: (kept, sink) => writeCsv(kept, sink, ','),
  tsv: (kept, sink) => writeCsv(kept, sink, '\t'),
  text: (kept, sink, { text }) => writeText(kept, sink, text),
  // Its library is loaded when it is needed.
  parquet: async (kept, sink) => (await import('./parquet-writer.js')).writeParquet(kept, sink),
  arrow: writeArrow,
  npy: undefined,
  npz: undefined,
  safetensors: undefined,
  folder: undefined,
};

/** Whether rows of other formats can be written in this one. */
export function hasWriter(format: Format): boolean {
  return WRITERS[format] !== undefined;
}

/** How rows are written. */
export interface WriteOptions {
  /** What of the rows is written to a text file. Default: the only field, or `text`. */
  text?: RowText;
  /** Called when all is written, before the file takes its place; what it throws is thrown and leaves nothing. */
  check?: () => void;
  /** Gives up waiting for the reader of a pipe. */
  signal?: AbortSignal;
}

/** Every option of {@link WriteOptions}. */
export const WRITE_OPTIONS: Readonly<Record<keyof WriteOptions, true>> = { text: true, check: true, signal: true };

/**
 * Write the kept rows in another format than the source's, without compression. The rows are read twice for Parquet and
 * Arrow, whose columns have types, and for CSV where rows may have different fields.
 * @throws CoresetError naming row and field where the format cannot hold a value, or when only rows of the same are written in it
 */
export async function writeKeptAs(
  format: Format,
  source: RowSource,
  keep: KeepRow,
  sink: Sink,
  options: WriteOptions = {},
): Promise<void> {
  requireKnownOptions('writeKeptAs', options, WRITE_OPTIONS);
  const write = WRITERS[format];
  if (write === undefined) throw new CoresetError(`rows of other formats cannot be written as ${format}`);
  const columns = format === 'text' ? options.text?.columns : undefined;
  await write(await keptRows(source, keep, columns), sink, options);
}
