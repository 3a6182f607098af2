import {
  CoresetError,
  type Matrix,
  normaliseRows,
  openPool,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireVectors,
  runBlocks,
  sharedInts,
  shareVectors,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import type * as worker from './assign-worker.js';
import type { AssignData } from './assign-worker.js';
import type { Metric } from './kmeans.js';

/** Options of {@link prototypeDistance}. */
export interface PrototypeDistanceOptions extends RunOptions {
  /** Default: `euclidean`. */
  metric?: Metric;
}

/** Every option of {@link PrototypeDistanceOptions}. */
export const PROTOTYPE_DISTANCE_OPTIONS: Readonly<Record<keyof PrototypeDistanceOptions, true>> = {
  ...RUN_OPTIONS,
  metric: true,
};

/** Each row's nearest prototype and the distance to it. */
export interface PrototypeDistance {
  /** Distance per row: Euclidean, or 1 − cos. Not scaled. */
  distances: Float64Array;
  /** Index of the nearest prototype per row. */
  labels: Int32Array;
}

const BLOCK_ROWS = 2048;

/**
 * The distance of each row to its nearest prototype: the label-free difficulty of Sorscher et al. 2022
 * ("Beyond neural scaling laws", section 5), which D2 uses where no training dynamics exist.
 *
 * @param vectors rows × cols
 * @param prototypes P × cols
 * @throws CoresetError when the widths differ, or a number is not finite
 */
export async function prototypeDistance(
  vectors: Vectors,
  prototypes: Matrix,
  given: PrototypeDistanceOptions = {},
): Promise<PrototypeDistance> {
  requireKnownOptions('prototypeDistance', given, PROTOTYPE_DISTANCE_OPTIONS);
  const options = shownInCell(given);
  requireVectors(vectors);
  requireVectors(prototypes);
  const { rows, cols } = vectors;
  if (cols !== prototypes.cols) {
    throw new CoresetError(`the rows have ${cols} columns, the prototypes ${prototypes.cols}; they must match`);
  }
  const isCosine = options.metric === 'cosine';
  const data: AssignData = {
    vectors: shareVectors(vectors),
    prototypes: Float32Array.from(prototypes.data),
    labels: sharedInts(rows),
    distances: new Float64Array(new SharedArrayBuffer(rows * 8)),
    normalise: isCosine,
  };
  if (isCosine) normaliseRows(data.prototypes, cols);
  const pool = openPool<typeof worker>(new URL('./assign-worker.js', import.meta.url), data, options);
  try {
    await runBlocks(pool, 'assign', rows, BLOCK_ROWS, 'difficulty', options);
  } finally {
    await pool.close();
  }
  const { distances, labels } = data;
  for (let i = 0; i < rows; i++)
    if (!Number.isFinite(distances[i]))
      throw new CoresetError(
        `row ${i}: its distance to the prototypes is ${distances[i]}; every number of both must be finite`,
      );
  if (isCosine) for (let i = 0; i < rows; i++) distances[i] = (distances[i] * distances[i]) / 2;
  return { distances, labels };
}
