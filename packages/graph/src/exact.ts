import { openPool, type Pool, type RunOptions, runBlocks, shareVectors, type Vectors } from '@coreset/core';
import { createCodeTable } from './code-table.js';
import type { ExactData } from './exact-worker.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

/** Queries per task: many, since each task copies the whole base, but enough tasks to keep all threads busy. */
function queriesPerTask(queries: number): number {
  return Math.min(2048, Math.max(256, Math.ceil(queries / 16)));
}

const FLOAT_QUERIES = 512;
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
  const queries = queryRows?.length ?? vectors.rows;
  const data: ExactData = {
    vectors: shareVectors(vectors),
    queryRows,
    k,
    table: await createCodeTable(vectors),
    largestError: new Float64Array(new SharedArrayBuffer(8)),
    neighbours: new Int32Array(new SharedArrayBuffer(queries * k * 4)),
    distances: new Float32Array(new SharedArrayBuffer(queries * k * 4)),
  };
  const pool = openPool(new URL('./exact-worker.js', import.meta.url), data, options);
  try {
    const unproved = data.table ? await searchByCodes(pool, data, queries, options) : everyQuery(queries);
    const onProgress = data.table ? undefined : options.onProgress;
    await searchInFloats(pool, unproved, { ...options, onProgress });
  } finally {
    await pool.close();
  }
  return { neighbours: data.neighbours, distances: data.distances };
}

function everyQuery(queries: number): Int32Array {
  return Int32Array.from({ length: queries }, (_, query) => query);
}

/** @returns the queries whose lists could not be proved, ascending */
async function searchByCodes(
  pool: Pool,
  { vectors, largestError }: ExactData,
  queries: number,
  options: RunOptions,
): Promise<Int32Array> {
  const unproved: number[] = [];
  const quiet = { ...options, onProgress: undefined };
  await runBlocks(pool, 'encodeRows', vectors.rows, ENCODED_ROWS, 'graph', quiet, (error) => {
    largestError[0] = Math.max(largestError[0], error as number);
  });
  await runBlocks(pool, 'searchBlock', queries, queriesPerTask(queries), 'graph', options, (found) =>
    unproved.push(...(found as Int32Array)),
  );
  return Int32Array.from(unproved).sort();
}

async function searchInFloats(pool: Pool, queries: Int32Array, { onProgress }: RunOptions): Promise<void> {
  const blocks: Int32Array[] = [];
  for (let start = 0; start < queries.length; start += FLOAT_QUERIES) {
    blocks.push(queries.slice(start, start + FLOAT_QUERIES));
  }
  let done = 0;
  await Promise.all(
    blocks.map(async (block) => {
      await pool.run('searchInFloats', block);
      done += block.length;
      onProgress?.({ stage: 'graph', done, total: queries.length });
    }),
  );
}
