import { CoresetError } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';

/** Rows that can be read as often as needed. */
export type RowSource = Pick<RowContents, 'fields' | 'batches' | 'wholeBatches'>;

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
  batches(): AsyncGenerator<KeptBatch, void, undefined>;
}

/**
 * The rows of a source that are kept, to be written in another format.
 * @throws CoresetError when the source has no fields, as files of vectors
 */
export async function keptRows(source: RowSource, keep: KeepRow): Promise<KeptRows> {
  const fields = await source.fields();
  const open = source.wholeBatches !== undefined;
  if (fields.length === 0 && !open)
    throw new CoresetError('there are no fields to write in another format; write the format of the input');
  return {
    fields,
    open,
    async *batches(): AsyncGenerator<KeptBatch, void, undefined> {
      let number = 0;
      for await (const batch of source.wholeBatches?.() ?? source.batches(fields)) {
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
