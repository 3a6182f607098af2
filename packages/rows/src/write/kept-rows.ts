import { CoresetError } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';

/** Rows that can be read as often as needed. */
export interface RowSource extends Pick<RowContents, 'fields' | 'batches' | 'wholeBatches'> {
  /** What messages call a row. Default: "row" and its number. */
  place?(row: number): string;
}

/** Kept rows, some at a time, each with its number in the source. */
export interface KeptBatch {
  rows: Row[];
  numbers: number[];
}

/** The rows of a source that are kept. */
export interface KeptRows {
  /** The fields; of a source whose rows differ those of its first rows. */
  fields: string[];
  /** Whether rows may have fields that are not listed. */
  open: boolean;
  /** What messages call a row of the source. */
  place(row: number): string;
  batches(): AsyncGenerator<KeptBatch, void, undefined>;
}

/**
 * The rows of a source that are kept, to be written in another format.
 * @param columns the fields that are written; default: all
 * @throws CoresetError when the source has no fields, as files of vectors
 */
export async function keptRows(source: RowSource, keep: KeepRow, columns?: string[]): Promise<KeptRows> {
  const fields = columns ?? (await source.fields());
  const open = columns === undefined && source.wholeBatches !== undefined;
  if (fields.length === 0 && !open)
    throw new CoresetError('there are no fields to write in another format; write the format of the input');
  return {
    fields,
    open,
    place: (row) => source.place?.(row) ?? `row ${row}`,
    async *batches(): AsyncGenerator<KeptBatch, void, undefined> {
      let number = 0;
      for await (const batch of (open ? source.wholeBatches?.() : undefined) ?? source.batches(fields)) {
        const kept: KeptBatch = { rows: [], numbers: [] };
        for (const row of batch) {
          if (keep(number)) {
            kept.rows.push(row);
            kept.numbers.push(number);
          }
          number++;
        }
        if (kept.rows.length > 0) yield kept;
      }
    },
  };
}

/** @throws CoresetError when there are no columns, as in a JSONL file without rows */
export function requireColumns(count: number): void {
  if (count === 0) throw new CoresetError('there are no rows and no fields to write; write .jsonl, which may be empty');
}
