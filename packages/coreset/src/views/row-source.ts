import { type Matrix, rowPlaces, sampleRows, seededRandom, takeRows } from '@coreset/core';
import { MAP_POINTS, type ShownRow } from '@coreset/report';
import { coverageBesideRandom } from '../report/coverage-beside-random.js';
import { byInputRow } from '../results/by-input-row.js';
import { DROP_REASONS, meaningOf } from '../stages/drop-reasons.js';
import type { DropReason } from '../stages/result-files.js';
import { placeRows } from './place-rows.js';
import type { ViewSource } from './source.js';

/** What views look at in the result of `pruneRows`. */
interface Selected {
  order: Int32Array;
  dropped: { index: number; reason: DropReason; by?: number; similarity?: number; duplicateOf?: number }[];
}

/** What `pruneRows` leaves to views besides its result. */
export interface PrunedFrom {
  method: string;
  nearDuplicate: number;
  seed?: number;
  /** All rows, as they are shown. */
  show: (index: number) => ShownRow;
  rows: number;
  /** Numbers of the rows that have a vector. */
  numbers: Int32Array;
  vectors: Matrix;
  /** Per vector. */
  scores: ArrayLike<number>;
}

/** Vectors are kept for views up to that size; of larger ones a sample for the map. */
const HELD_BYTES = 64 * 2 ** 20;

/** What views show of rows in memory. */
export function rowSource(
  { order, dropped }: Selected,
  { method, nearDuplicate, seed, show, rows, numbers, vectors, scores }: PrunedFrom,
): () => Promise<ViewSource> {
  const isHeld = vectors.data.byteLength <= HELD_BYTES;
  const held = isHeld ? vectors : undefined;
  const sampled = sampleRows(numbers.length, MAP_POINTS, seededRandom(0));
  const sample = isHeld ? undefined : takeRows(vectors, sampled);
  const droppedAt = rowPlaces(
    rows,
    dropped.map(({ index }) => index),
  );
  let placed: ReturnType<typeof placeRows> | undefined;
  // A closure that names `vectors` would keep them alive.
  const sampleVectors = (): Matrix => sample ?? takeRows(held as Matrix, sampled);
  return async () => ({
    rows,
    kept: rows - dropped.length,
    method,
    reasons: DROP_REASONS.map((reason) => ({
      reason,
      count: dropped.filter((one) => one.reason === reason).length,
      meaning: meaningOf(reason, nearDuplicate),
    })).filter(({ count }) => count > 0),
    notes: [],
    dropped: (reason?: DropReason) =>
      Int32Array.from(
        dropped.filter((one) => reason === undefined || one.reason === reason),
        ({ index }) => index,
      ),
    told: (row) => {
      const { reason, by, duplicateOf, similarity } = dropped[droppedAt[row]];
      return { row, reason, by, similarity, duplicateOf };
    },
    isKept: (row) => droppedAt[row] < 0,
    difficulty: byInputRow(scores, numbers, rows),
    withoutVectors: `vectors in memory are kept for it up to ${HELD_BYTES / 2 ** 20} MiB; prune keeps them in files`,
    coverage: async () => {
      if (held === undefined) return undefined;
      const place = rowPlaces(rows, numbers);
      return coverageBesideRandom(
        held,
        order.map((row) => place[row]),
        { seed },
      );
    },
    map: async () => {
      placed ??= placeRows(sampleVectors());
      return { rows: sampled.map((i) => numbers[i]), ...(await placed) };
    },
    showAgainst: async () => new Map(),
    show: async (wanted) => new Map(wanted.map((row) => [row, show(row)])),
  });
}
