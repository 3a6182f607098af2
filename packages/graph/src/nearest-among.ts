import {
  CoresetError,
  createMatrix,
  inTurns,
  openPool,
  openVectors,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireVectors,
  runBlocks,
  sharedInts,
  shareSteps,
  type Vectors,
} from '@coreset/core';
import type * as worker from './nearest-among-worker.js';
import type { NearestData } from './nearest-among-worker.js';

/** Of each row the nearest among other vectors. */
export interface NearestAmong {
  /** Its number among them; the lowest of several that are equally near. */
  nearest: Int32Array;
  /** The cosine of the two, in float64 from the vectors as they are, whatever their lengths; 0 where one is all zeros. */
  similarity: Float64Array;
}

/** So many of the others are in memory at once. */
const SEARCHED_AT_ONCE = 8192;
const BLOCK_ROWS = 1024;
const STAGE = 'nearest';

/**
 * For each row the one of greatest cosine among other vectors, by float32 products of which the best candidates are
 * rescored: exact but for candidates whose float32 scores are less than some roundings apart. Time: rows × others. Memory:
 * some thousand rows of either, beside the result.
 *
 * @param vectors rows × cols
 * @param others at least one row, of as many columns
 * @throws CoresetError when the columns differ or there are no others
 */
export async function nearestAmong(vectors: Vectors, others: Vectors, options: RunOptions = {}): Promise<NearestAmong> {
  requireKnownOptions('nearestAmong', options, RUN_OPTIONS);
  requireVectors(vectors);
  requireVectors(others);
  const { rows, cols } = vectors;
  if (others.cols !== cols)
    throw new CoresetError(`the rows have ${cols} columns, the others ${others.cols}; they must match`);
  if (others.rows === 0) throw new CoresetError('there are no others to search');
  const atOnce = Math.min(SEARCHED_AT_ONCE, others.rows);
  const data: NearestData = {
    vectors: await inTurns(shareSteps(vectors), options.signal),
    searched: createMatrix(atOnce, cols),
    part: sharedInts(2),
    nearest: sharedInts(rows).fill(-1),
    similarity: new Float64Array(new SharedArrayBuffer(rows * 8)).fill(Number.NEGATIVE_INFINITY),
  };
  const pool = openPool<typeof worker>(new URL('./nearest-among-worker.js', import.meta.url), data, options);
  const reader = openVectors(others);
  try {
    for (let first = 0; first < others.rows; first += atOnce) {
      const count = Math.min(atOnce, others.rows - first);
      reader.read(first, first + count, data.searched.data.subarray(0, count * cols));
      data.part.set([first, count]);
      await runBlocks(pool, 'search', rows, BLOCK_ROWS, STAGE, { ...options, onProgress: undefined }, (_, { end }) => {
        const done = Math.floor((first * rows + count * end) / others.rows);
        options.onProgress?.({ stage: STAGE, done, total: rows });
      });
    }
  } finally {
    reader.close();
    await pool.close();
  }
  return { nearest: data.nearest, similarity: data.similarity };
}
