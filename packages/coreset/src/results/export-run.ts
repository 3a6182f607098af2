import { resolve } from 'node:path';
import {
  CoresetError,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireRegular,
  writeAtomic,
} from '@coreset/core';
import { type Format, type Row, type RowSource, writeKeptAs } from '@coreset/rows';
import { requireNoInput, requireNoRunFile } from '../output/no-input.js';
import { DROP_REASONS } from '../stages/drop-reasons.js';
import type { Results } from './results.js';
import { KEPT } from './told-rows.js';

export type ExportFormat = 'embedding-atlas' | 'parquet' | 'csv';

export const EXPORT_FORMATS: ExportFormat[] = ['embedding-atlas', 'parquet', 'csv'];

/** Columns that are added to those of the input. */
const COLUMNS = ['x', 'y', 'neighbors', 'difficulty', 'kept', 'rank', 'weight', 'reason', 'by', 'similarity'] as const;
type Column = (typeof COLUMNS)[number];

/** Where the input has a column of that name. */
const PREFIX = 'coreset_';
/** Rows that vectors alone have, and neighbours that are told of a row. */
const ROWS_AT_ONCE = 1024;
const NEIGHBOURS = 15;

/** What was exported. */
export interface Exported {
  rows: number;
  /** The names of the added columns. */
  columns: Record<Column, string>;
}

/**
 * Write all rows of the input with all their columns and what the run says of each: where it lies on the map, its
 * neighbours, difficulty, whether it is kept and why not.
 *
 * `neighbors` is `{ ids, distances }`: row numbers and Euclidean distances, nearest first. For `embedding-atlas` these begin
 * with the row itself and are as many for each row, as that tool makes them itself; a row without a vector has itself
 * alone, several times.
 * @throws CoresetError when the input is gone or changed, or `out` is one of the files of the run
 */
export async function exportRun(
  results: Results,
  format: ExportFormat,
  out: string,
  options: RunOptions = {},
): Promise<Exported> {
  requireKnownOptions('exportRun', options, RUN_OPTIONS);
  const { onNotice, signal } = options;
  if (!EXPORT_FORMATS.includes(format))
    throw new CoresetError(`format '${format}' is not known; use one of ${EXPORT_FORMATS.join(', ')}`);
  requireRegular(out);
  const { folder, input } = results;
  const files = [...input.files, ...(input.vectors ? [input.vectors] : [])].map(({ path }) => resolve(folder, path));
  requireNoInput(out, { files });
  requireNoRunFile(out, folder);
  const own = await ownRows(results);
  const fields = await own.fields();
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, nameFor(name, fields)])) as Exported['columns'];
  const renamed = COLUMNS.filter((name) => columns[name] !== name);
  if (renamed.length > 0)
    onNotice?.(
      `the input has ${renamed.join(', ')} already: what is added is ${renamed.map((name) => columns[name]).join(', ')}`,
    );
  const added = addedColumns(results, format, columns);
  const written: Format = format === 'csv' ? 'csv' : 'parquet';
  const withAdded = (batches: AsyncIterable<Row[]>): AsyncGenerator<Row[], void, undefined> =>
    withColumns(batches, added, Object.values(columns), own.place, signal);
  const source: RowSource = {
    fields: async () => [...fields, ...Object.values(columns)],
    batches: () => withAdded(own.batches(fields)),
    ...(own.wholeBatches && { wholeBatches: () => withAdded((own.wholeBatches as typeof own.batches)([])) }),
    place: own.place,
  };
  await writeAtomic(out, (sink) => writeKeptAs(written, source, () => true, sink));
  return { rows: results.rows, columns };
}

/** The rows of the input; of vectors their numbers. */
async function ownRows(results: Results): Promise<RowSource> {
  const { rows, input } = results;
  if (!['npy', 'npz', 'safetensors'].includes(input.format)) return (await results.inputRows()).file;
  return {
    fields: async () => ['row'],
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      for (let start = 0; start < rows; start += ROWS_AT_ONCE)
        yield Array.from({ length: Math.min(ROWS_AT_ONCE, rows - start) }, (_, i) => ({ row: start + i }));
    },
  };
}

function nameFor(name: Column, fields: readonly string[]): string {
  const free = [name, `${PREFIX}${name}`].find((one) => !fields.includes(one));
  if (free === undefined)
    throw new CoresetError(`the input has the fields ${name} and ${PREFIX}${name}; rename one of them`);
  return free;
}

async function* withColumns(
  batches: AsyncIterable<Row[]>,
  added: (row: number) => Row,
  names: string[],
  place: RowSource['place'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Row[], void, undefined> {
  let number = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    yield batch.map((row) => {
      const taken = names.find((name) => Object.hasOwn(row, name));
      if (taken !== undefined)
        throw new CoresetError(
          `${place?.(number) ?? `row ${number}`} has the field '${taken}', which rows before it have not and which is added; rename it`,
        );
      return { ...row, ...added(number++) };
    });
  }
}

function addedColumns(results: Results, format: ExportFormat, names: Exported['columns']): (row: number) => Row {
  const { vectorRowOf, difficulty, reason, rank, weight, by, similarity } = results;
  const map = results.map();
  const numberOr = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const neighbors = neighborsOf(results, format === 'embedding-atlas');
  return (row) => {
    const place = 2 * vectorRowOf[row];
    const isKept = reason[row] === KEPT;
    const values: Record<Column, unknown> = {
      x: map && place >= 0 ? numberOr(map[place]) : null,
      y: map && place >= 0 ? numberOr(map[place + 1]) : null,
      neighbors: neighbors(row),
      difficulty: numberOr(difficulty[row]),
      kept: isKept,
      rank: rank[row] > 0 ? rank[row] : null,
      weight: rank[row] > 0 ? weight[row] : null,
      reason: isKept ? null : DROP_REASONS[reason[row]],
      by: by[row] >= 0 ? by[row] : null,
      similarity: numberOr(similarity[row]),
    };
    return Object.fromEntries(COLUMNS.map((column) => [names[column], values[column]]));
  };
}

/** @param isAtlas with the row itself, as many for each row */
function neighborsOf(
  { graph, vectorRowOf, inputRowOf }: Results,
  isAtlas: boolean,
): (row: number) => { ids: number[]; distances: number[] } | null {
  const { k: listed, neighbours, distances } = graph();
  const k = Math.min(listed, NEIGHBOURS);
  return (row) => {
    const vector = vectorRowOf[row];
    if (vector < 0) return isAtlas ? { ids: Array(k + 1).fill(row), distances: Array(k + 1).fill(0) } : null;
    const entries = Array.from({ length: k }, (_, e) => vector * listed + e);
    return {
      ids: [...(isAtlas ? [row] : []), ...entries.map((entry) => inputRowOf[neighbours[entry]])],
      distances: [...(isAtlas ? [0] : []), ...entries.map((entry) => distances[entry])],
    };
  };
}
