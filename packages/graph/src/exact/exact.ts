import {
  diagnose,
  inTurns,
  memoryOfVectors,
  noProgress,
  openPool,
  type Pool,
  type RunOptions,
  range,
  runBlocks,
  sharedInts,
  shareSteps,
  startThreads,
  threadsOf,
  type Vectors,
} from '@coreset/core';
import { createCodeTable, exactQmax, QUERY_ROWS, quantiserSteps } from '@coreset/kernels';
import type { ExactData, SearchTask, Unverified } from './data.js';
import { createPairLists } from './pair-lists.js';
import type * as worker from './worker.js';

/** Neighbour lists of all rows; see {@link NeighbourGraph}. */
export interface NeighbourLists {
  neighbours: Int32Array;
  distances: Float32Array;
}

/** Queries per task: many, since each task copies the whole base, but few enough that all threads have tasks. */
function rowsPerTask(queries: number): number {
  const most = Math.min(2048, Math.ceil(queries / 16));
  return Math.ceil(most / QUERY_ROWS) * QUERY_ROWS;
}

/** Candidates per query in the second search: all rows that may belong in a list are seldom more. */
const MOST_CANDIDATES = { atLeast: 256, times: 2 };
const WORKER: URL = new URL('./worker.js', import.meta.url);
const ENCODED_ROWS = 1024;
const BLOCK_ROWS = 512;

/** Candidates per row: the coarser the codes, the more rows may be among the k nearest. */
export async function exactCandidates(k: number): Promise<number> {
  return 10 + Math.ceil((330 * k) / (await exactQmax()));
}

/**
 * Exact k nearest neighbours, in three passes:
 *
 * 1. Rows are searched as one-byte codes, whose products are several times faster than those of float32; where all rows are
 *    queries, each pair once (pair-search.ts). Candidates are rescored by exact distance.
 * 2. A list is verified when the errors of the codes cannot have kept a nearer row out of it (verified-search.ts). The other
 *    queries are searched again with more candidates.
 * 3. What is still not verified is searched in float32, with spare candidates, and rescored (float-search.ts): exact but for
 *    rows whose float32 scores are less than some roundings apart.
 *
 * Memory beyond the result: one byte per number of the vectors, and candidate lists of all rows on each thread.
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
  const { rows } = vectors;
  startThreads(WORKER, Math.ceil(rows / QUERY_ROWS), options);
  const queries = queryRows?.length ?? rows;
  const candidates = await exactCandidates(k);
  const qmax = await exactQmax();
  const quantiser = await inTurns(quantiserSteps(vectors, qmax), options.signal);
  const table = createCodeTable(rows, quantiser);
  const pairs = table && !queryRows ? createPairLists(rows, Math.min(rows, candidates), threadsOf(options)) : undefined;
  const shared = await inTurns(shareSteps(vectors), options.signal);
  const data: ExactData = {
    vectors: shared,
    memory: memoryOfVectors(shared),
    queryRows,
    k,
    table,
    pairs,
    mostCandidates: Math.min(rows, Math.max(MOST_CANDIDATES.atLeast, MOST_CANDIDATES.times * candidates)),
    largestError: new Float64Array(new SharedArrayBuffer(8)),
    neighbours: sharedInts(queries * k),
    distances: new Float32Array(new SharedArrayBuffer(queries * k * 4)),
  };
  const pool = openPool<typeof worker>(WORKER, data, options);
  const quiet = { ...options, onProgress: noProgress };
  /** A search of some rows only is no graph, and nothing is told of it. */
  const tell = (facts: Parameters<typeof diagnose>[2]): void => {
    if (queryRows === undefined) diagnose(options, 'graph', facts);
  };
  try {
    const all = { queries: range(0, queries) };
    if (table) tell({ qmax, candidates, pairs: pairs !== undefined });
    if (table) {
      await runBlocks(pool, 'encodeRows', rows, ENCODED_ROWS, 'graph', quiet, (error) => {
        data.largestError[0] = Math.max(data.largestError[0], error);
      });
      const unverified = pairs
        ? await byPairs(pool, rows, options)
        : await inTasks(pool, 'searchCodes', all, candidates, options);
      const stillUnverified = await inTasks(pool, 'searchCodes', unverified, data.mostCandidates, quiet);
      const [left, leftAtLast] = [unverified.queries.length, stillUnverified.queries.length];
      tell({
        verifiedFirst: (queries - left) / queries,
        verifiedSecond: (left - leftAtLast) / queries,
        searchedInFloat32: leftAtLast / queries,
      });
      await inTasks(pool, 'searchFloats', stillUnverified, 0, quiet);
    } else {
      tell({ searchedInFloat32: 1 });
      await inTasks(pool, 'searchFloats', all, 0, options);
    }
  } finally {
    await pool.close();
  }
  return { neighbours: data.neighbours, distances: data.distances };
}

/** Search all rows, each pair once. @returns the rows whose lists are not verified */
async function byPairs(pool: Pool<worker.ExactTasks>, rows: number, options: RunOptions): Promise<Unverified> {
  const quiet = { ...options, onProgress: noProgress };
  await runBlocks(pool, 'estimateThresholds', rows, BLOCK_ROWS, 'graph', quiet);
  const size = rowsPerTask(rows);
  // The last rows have the most pairs with rows before them, and short tasks at the end leave no thread idle.
  const starts = Array.from({ length: Math.ceil(rows / size) }, (_, t) => t * size).reverse();
  let pairsDone = 0;
  await Promise.all(
    starts.map(async (start) => {
      const end = Math.min(rows, start + size);
      await pool.run('searchPairs', { start, end });
      pairsDone += end ** 2 - start ** 2;
      options.onProgress?.({ stage: 'graph', done: Math.round(pairsDone / rows), total: rows });
    }),
  );
  await pool.runOnEach('publishLists');
  const unverified: Unverified[] = [];
  await runBlocks(pool, 'verifyPairs', rows, BLOCK_ROWS, 'graph', quiet, (found) => unverified.push(found));
  return joined(unverified);
}

/** Search queries in parallel. @returns the queries whose lists are not verified */
async function inTasks(
  pool: Pool<worker.ExactTasks>,
  name: 'searchCodes' | 'searchFloats',
  { queries, leastScores }: { queries: Int32Array; leastScores?: Int32Array },
  candidates: number,
  { onProgress }: RunOptions,
): Promise<Unverified> {
  const size = rowsPerTask(queries.length);
  let done = 0;
  const unverified = await Promise.all(
    Array.from({ length: Math.ceil(queries.length / size) }, async (_, t) => {
      const [start, end] = [t * size, (t + 1) * size];
      const task: SearchTask = {
        queries: queries.slice(start, end),
        leastScores: leastScores?.slice(start, end),
        candidates,
      };
      const found = await pool.run(name, task);
      done += task.queries.length;
      onProgress?.({ stage: 'graph', done, total: queries.length });
      return found;
    }),
  );
  return joined(unverified);
}

function joined(parts: Unverified[]): Unverified {
  return {
    queries: Int32Array.from(parts.flatMap(({ queries }) => [...queries])),
    leastScores: Int32Array.from(parts.flatMap(({ leastScores }) => [...leastScores])),
  };
}
