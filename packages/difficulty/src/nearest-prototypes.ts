import { type Matrix, openPool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import type { NearestData } from './nearest-prototypes-worker.js';

const BLOCK_ROWS = 4096;

/**
 * The `count` nearest prototypes of each row, nearest first.
 * @returns rows × count prototype numbers
 */
export async function nearestPrototypes(
  vectors: Vectors,
  prototypes: Matrix,
  count: number,
  options: RunOptions,
): Promise<Int32Array> {
  const nearest = new Int32Array(new SharedArrayBuffer(vectors.rows * count * 4));
  const data: NearestData = { vectors: shareVectors(vectors), prototypes, count, nearest };
  const pool = openPool(new URL('./nearest-prototypes-worker.js', import.meta.url), data, options);
  try {
    await runBlocks(pool, 'nearestBlock', vectors.rows, BLOCK_ROWS, 'prototypes', options);
  } finally {
    await pool.close();
  }
  return nearest;
}
