import { openPool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import type { CertifiedData } from './certified-worker.js';
import { largestExactCode } from './code-kernel.js';
import type { FloatData } from './float-worker.js';
import { fitQuantiser } from './quantise.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

const CODE_BLOCK_ROWS = 8192;
/** Rows of a block that are transposed at once. */
const TILE_ROWS = 64;
const QUERY_ROWS = 2048;
const FLOAT_QUERY_ROWS = 1024;
/** A product of more columns could overflow 32 bits. */
const MAX_CODE_COLS = 65_536;

/**
 * Exact k nearest neighbours. Rows are searched as one-byte codes, whose products are several times faster;
 * a list is taken when the errors of coding cannot have changed it, and the few others are searched in float32.
 * Memory beyond the result is one byte per number of the vectors.
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
  const shared = shareVectors(vectors);
  const queries = queryRows?.length ?? vectors.rows;
  const lists: NeighbourLists = {
    neighbours: new Int32Array(new SharedArrayBuffer(queries * k * 4)),
    distances: new Float32Array(new SharedArrayBuffer(queries * k * 4)),
  };
  const unproved =
    vectors.cols <= MAX_CODE_COLS
      ? await certifiedNeighbours(shared, k, lists, options, queryRows)
      : Int32Array.from({ length: queries }, (_, query) => query);
  if (unproved.length > 0) await floatNeighbours(shared, k, lists, unproved, options, queryRows);
  return lists;
}

/** @returns the queries whose lists could not be proved, ascending */
async function certifiedNeighbours(
  vectors: Vectors,
  k: number,
  lists: NeighbourLists,
  options: RunOptions,
  queryRows?: Int32Array,
): Promise<Int32Array> {
  const { rows, cols } = vectors;
  const blocks = Math.ceil(rows / CODE_BLOCK_ROWS);
  const offsets = new Int32Array(blocks + 1);
  for (let b = 0; b < blocks; b++) offsets[b + 1] = offsets[b] + Math.ceil((rows - b) / blocks);
  const data: CertifiedData = {
    vectors,
    queryRows,
    k,
    quantiser: fitQuantiser(vectors, await largestExactCode()),
    codes: new Int8Array(new SharedArrayBuffer(rows * cols)),
    offsets,
    halfNorms: new Int32Array(new SharedArrayBuffer(rows * 4)),
    largestError: new Float64Array(new SharedArrayBuffer(8)),
    ...lists,
  };
  const pool = openPool(new URL('./certified-worker.js', import.meta.url), data, options);
  const unproved: number[] = [];
  try {
    const quiet = { ...options, onProgress: undefined };
    await runBlocks(pool, 'encodeRows', rows, TILE_ROWS * blocks, 'graph', quiet, (error) => {
      data.largestError[0] = Math.max(data.largestError[0], error as number);
    });
    const queries = queryRows?.length ?? rows;
    await runBlocks(pool, 'searchBlock', queries, QUERY_ROWS, 'graph', options, (found) =>
      unproved.push(...(found as Int32Array)),
    );
  } finally {
    await pool.close();
  }
  return Int32Array.from(unproved).sort();
}

/** Search the listed queries in float32 and put what is found into `lists`. */
async function floatNeighbours(
  vectors: Vectors,
  k: number,
  lists: NeighbourLists,
  queries: Int32Array,
  options: RunOptions,
  queryRows?: Int32Array,
): Promise<void> {
  const data: FloatData = {
    vectors,
    queryRows: queryRows ? queries.map((query) => queryRows[query]) : queries,
    k,
    neighbours: new Int32Array(new SharedArrayBuffer(queries.length * k * 4)),
    distances: new Float32Array(new SharedArrayBuffer(queries.length * k * 4)),
  };
  const pool = openPool(new URL('./float-worker.js', import.meta.url), data, options);
  try {
    const quiet = { ...options, onProgress: undefined };
    await runBlocks(pool, 'nearestBlock', queries.length, FLOAT_QUERY_ROWS, 'graph', quiet);
  } finally {
    await pool.close();
  }
  queries.forEach((query, i) => {
    lists.neighbours.set(data.neighbours.subarray(i * k, (i + 1) * k), query * k);
    lists.distances.set(data.distances.subarray(i * k, (i + 1) * k), query * k);
  });
}
