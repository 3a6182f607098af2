import { openPool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import type { ExactData } from './exact-worker.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

const QUERY_ROWS = 1024;

/**
 * Exact k nearest neighbours by blocks of matrix products. Work grows with queries × rows; memory does not:
 * beyond the result it is about 40 MB per thread at any number of rows.
 *
 * @param k at most rows − 1
 * @param queryRows rows whose neighbours are searched; default: all
 */
export async function exactNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions,
  queryRows?: Int32Array,
): Promise<NeighbourLists> {
  const queries = queryRows?.length ?? vectors.rows;
  const data: ExactData = {
    vectors: shareVectors(vectors),
    queryRows,
    k,
    neighbours: new Int32Array(new SharedArrayBuffer(queries * k * 4)),
    distances: new Float32Array(new SharedArrayBuffer(queries * k * 4)),
  };
  const pool = openPool(new URL('./exact-worker.js', import.meta.url), data, options);
  try {
    await runBlocks(pool, 'nearestBlock', queries, QUERY_ROWS, 'graph', options);
  } finally {
    await pool.close();
  }
  return { neighbours: data.neighbours, distances: data.distances };
}
