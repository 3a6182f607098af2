import {
  noProgress,
  RUN_OPTIONS,
  type RunOptions,
  requireInteger,
  requireKnownOptions,
  sampleRows,
  seededRandom,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import { exactNeighbours } from './exact/exact.js';
import type { NeighbourGraph } from './neighbour-graph.js';

/** Options of {@link estimateRecall}. */
export interface RecallOptions extends RunOptions {
  /** Rows whose neighbours are searched exactly. Default: 500. */
  sampleSize?: number;
}

/** Every option of {@link RecallOptions}. */
export const RECALL_OPTIONS: Readonly<Record<keyof RecallOptions, true>> = { ...RUN_OPTIONS, sampleSize: true };

const SAMPLE_ROWS = 500;

/**
 * Estimate the recall of a graph: the share of the true k nearest neighbours that it lists, on a seeded sample
 * of rows, by default 500, searched exactly. A neighbour at the same distance as the last true one counts.
 */
export async function estimateRecall(
  vectors: Vectors,
  lists: Pick<NeighbourGraph, 'distances'>,
  k: number,
  given: RecallOptions,
): Promise<number> {
  requireKnownOptions('estimateRecall', given, RECALL_OPTIONS);
  const options = shownInCell(given);
  const { sampleSize = SAMPLE_ROWS } = options;
  requireInteger('sampleSize', sampleSize, 1);
  const sample = sampleRows(vectors.rows, sampleSize, seededRandom(1));
  const exact = await exactNeighbours(vectors, k, { ...options, onProgress: noProgress }, sample);
  let found = 0;
  for (let s = 0; s < sample.length; s++) {
    const farthest = exact.distances[(s + 1) * k - 1];
    for (let e = sample[s] * k; e < (sample[s] + 1) * k; e++) if (lists.distances[e] <= farthest) found++;
  }
  return found / (sample.length * k);
}
