import {
  CoresetError,
  createMatrix,
  diagnose,
  gatherRows,
  inTurns,
  noProgress,
  normaliseRows,
  openPool,
  openVectors,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireVectors,
  runBlocks,
  sharedInts,
  shareSteps,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import { exactQmax, fitQuantiser, type Quantiser } from '@coreset/kernels';
import { exactCandidates } from './exact/exact.js';
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
const FITTED_ROWS = 2048;
const STAGE = 'nearest';

/**
 * For each row the one of greatest cosine among other vectors. Rows that are scaled to length 1 are searched as codes of one
 * byte, whose candidates are rescored; where the errors of the codes may have kept a nearer one out, again in float32: exact
 * but for others whose float32 scores are less than some roundings apart. Time: rows × others. Memory: some thousand rows of
 * either, beside the result.
 *
 * @param vectors rows × cols
 * @param others at least one row, of as many columns
 * @throws CoresetError when the columns differ or there are no others
 */
export async function nearestAmong(vectors: Vectors, others: Vectors, given: RunOptions = {}): Promise<NearestAmong> {
  requireKnownOptions('nearestAmong', given, RUN_OPTIONS);
  const options = shownInCell(given);
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
    blockRows: BLOCK_ROWS,
    quantiser: await unitQuantiser([vectors, others]),
    candidates: await exactCandidates(1),
    nearest: sharedInts(rows).fill(-1),
    similarity: new Float64Array(new SharedArrayBuffer(rows * 8)).fill(Number.NEGATIVE_INFINITY),
  };
  const pool = openPool<typeof worker>(new URL('./nearest-among-worker.js', import.meta.url), data, options);
  const reader = openVectors(others);
  let inFloats = 0;
  let pairs = 0;
  try {
    for (let first = 0; first < others.rows; first += atOnce) {
      const count = Math.min(atOnce, others.rows - first);
      reader.read(first, first + count, data.searched.data.subarray(0, count * cols));
      data.part.set([first, count]);
      const quiet = { ...options, onProgress: noProgress };
      await runBlocks(pool, 'search', rows, BLOCK_ROWS, STAGE, quiet, (left, { start, end }) => {
        inFloats += left;
        pairs += (end - start) * count;
        options.onProgress?.({ stage: STAGE, done: Math.floor(pairs / others.rows), total: rows });
      });
    }
  } finally {
    reader.close();
    await pool.close();
  }
  const parts = Math.ceil(others.rows / atOnce);
  diagnose(options, STAGE, { candidates: data.candidates, searchedInFloat32: inFloats / (rows * parts) });
  return { nearest: data.nearest, similarity: data.similarity };
}

/** Codes for rows of length 1, fitted to some of each; a number beyond them makes the error of its row larger. */
async function unitQuantiser([one, other]: [Vectors, Vectors]): Promise<Quantiser> {
  const [some, more] = [one, other].map((vectors) => {
    const step = Math.ceil(vectors.rows / FITTED_ROWS);
    return gatherRows(
      vectors,
      Int32Array.from({ length: Math.ceil(vectors.rows / step) }, (_, i) => i * step),
    );
  });
  const fitted = createMatrix(some.rows + more.rows, one.cols);
  fitted.data.set(some.data);
  fitted.data.set(more.data, some.data.length);
  normaliseRows(fitted.data, one.cols);
  return fitQuantiser(fitted, await exactQmax());
}
