import { openRows, type Row } from '@coreset/rows';
import { DROP_REASONS } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';

/** {@link ToldRows.reason} of a row that is kept. */
export const KEPT = 255;

/** What `selected.jsonl` and `dropped.jsonl` say of each row of the input. */
export interface ToldRows {
  /** Kept rows in the order of picks. */
  picks: Int32Array;
  /** 1 for the first pick; 0 for a row that was not picked. */
  rank: Int32Array;
  /** What a pick was worth to the method; NaN for other rows. */
  gain: Float64Array;
  /** For how many rows a pick stands, itself among them; 0 for other rows. */
  weight: Int32Array;
  /** A place in {@link DROP_REASONS}; {@link KEPT} for a row that is kept, also where it has nothing to embed. */
  reason: Uint8Array;
  /** The kept row that stands for a dropped one; −1 where there is none. */
  by: Int32Array;
  /** The cosine of both, or to the row {@link against}; NaN where there is none. */
  similarity: Float64Array;
  /** Of a duplicate the row that it repeats; −1 for other rows. */
  duplicateOf: Int32Array;
  /** The row of the file of `--against` that a row is too near to; −1 for other rows. */
  against: Int32Array;
}

const PLACES = new Map(DROP_REASONS.map((reason, place) => [reason, place]));

/**
 * Read both files, some lines at a time.
 * @param rows of the input
 * @param picked rows that were picked
 */
export async function readToldRows(
  { selected, dropped }: Record<'selected' | 'dropped', string>,
  rows: number,
  picked: number,
): Promise<ToldRows> {
  const none = (): Int32Array => new Int32Array(rows).fill(-1);
  const told: ToldRows = {
    picks: new Int32Array(picked),
    rank: new Int32Array(rows),
    gain: new Float64Array(rows).fill(Number.NaN),
    weight: new Int32Array(rows),
    reason: new Uint8Array(rows).fill(KEPT),
    by: none(),
    similarity: new Float64Array(rows).fill(Number.NaN),
    duplicateOf: none(),
    against: none(),
  };
  await forEachLine(selected, ['row', 'rank', 'gain', 'weight'], (line) => {
    const row = Number(line.row);
    told.picks[Number(line.rank) - 1] = row;
    told.rank[row] = Number(line.rank);
    told.gain[row] = numberOr(line.gain, Number.NaN);
    told.weight[row] = Number(line.weight);
  });
  await forEachLine(dropped, ['row', 'reason', 'by', 'similarity', 'duplicateOf', 'against'], (line) => {
    const row = Number(line.row);
    told.reason[row] = PLACES.get(line.reason as DropReason) ?? KEPT;
    told.by[row] = numberOr(line.by, -1);
    told.similarity[row] = numberOr(line.similarity, Number.NaN);
    told.duplicateOf[row] = numberOr(line.duplicateOf, -1);
    told.against[row] = numberOr(line.against, -1);
  });
  return told;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** Some fields of each line of a file of JSON objects, some lines at a time. */
export async function forEachLine(path: string, fields: string[], visit: (line: Row) => void): Promise<void> {
  for await (const batch of openRows(path).batches(fields)) for (const line of batch) visit(line);
}
