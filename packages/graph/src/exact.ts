import { openPool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import type { CertifiedData } from './certified-worker.js';
import { createCodeTable } from './code-table.js';
import type { FloatData } from './float-worker.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

const TASK_QUERIES = 2048;
const FLOAT_QUERY_ROWS = 1024;
const ENCODED_ROWS = 4096;

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
  const unproved = await certifiedNeighbours(shared, k, lists, options, queryRows);
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
  const { rows } = vectors;
  const queries = queryRows?.length ?? rows;
  const table = await createCodeTable(vectors);
  if (table === undefined) return Int32Array.from({ length: queries }, (_, query) => query);
  const largestError = new Float64Array(new SharedArrayBuffer(8));
  const data: CertifiedData = { vectors, queryRows, k, table, largestError, ...lists };
  const pool = openPool(new URL('./certified-worker.js', import.meta.url), data, options);
  const unproved: number[] = [];
  try {
    const quiet = { ...options, onProgress: undefined };
    await runBlocks(pool, 'encodeRows', rows, ENCODED_ROWS, 'graph', quiet, (error) => {
      largestError[0] = Math.max(largestError[0], error as number);
    });
    await runBlocks(pool, 'searchBlock', queries, TASK_QUERIES, 'graph', options, (found) =>
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
