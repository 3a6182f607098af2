import { type ColumnType, columnValue, weightOf } from './column-type.js';
import type { KeptRows } from './kept-rows.js';

/** The values of some rows by column. */
export interface ColumnBatch {
  rows: number;
  columns: Map<string, unknown[]>;
}

/** A row group or record batch has at most so many rows, and about so many bytes. */
const MAX_ROWS = 100_000;
const MAX_BYTES = 1 << 26;

/** The kept rows by column, in parts that fit into memory. */
export async function* columnBatches(
  kept: KeptRows,
  types: Map<string, ColumnType>,
): AsyncGenerator<ColumnBatch, void, undefined> {
  const empty = (): ColumnBatch => ({ rows: 0, columns: new Map([...types.keys()].map((name) => [name, []])) });
  let batch = empty();
  let bytes = 0;
  for await (const { rows } of kept.batches()) {
    for (const row of rows) {
      for (const [name, type] of types) {
        const value = columnValue(Object.hasOwn(row, name) ? row[name] : undefined, type);
        (batch.columns.get(name) as unknown[]).push(value);
        bytes += weightOf(value);
      }
      batch.rows++;
      if (batch.rows < MAX_ROWS && bytes < MAX_BYTES) continue;
      yield batch;
      batch = empty();
      bytes = 0;
    }
  }
  if (batch.rows > 0) yield batch;
}
