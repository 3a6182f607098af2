import { openPool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import type { ExactData } from './exact-worker.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

const QUERY_ROWS = 1024;

/**
 * Exact k nearest neighbours by blocks of matrix products. Work grows with rows²; memory does not: beyond
 * the result it is about 40 MB per thread at any number of rows.
 *
 * @param k at most rows − 1
 */
export async function exactNeighbours(vectors: Vectors, k: number, options: RunOptions): Promise<NeighbourLists> {
  const { rows } = vectors;
  const data: ExactData = {
    vectors: shareVectors(vectors),
    k,
    neighbours: new Int32Array(new SharedArrayBuffer(rows * k * 4)),
    distances: new Float32Array(new SharedArrayBuffer(rows * k * 4)),
  };
  const pool = openPool(new URL('./exact-worker.js', import.meta.url), data, options);
  try {
    await runBlocks(pool, 'nearestBlock', rows, QUERY_ROWS, 'graph', options);
  } finally {
    await pool.close();
  }
  return { neighbours: data.neighbours, distances: data.distances };
}
