import {
  CoresetError,
  openPool,
  type RunOptions,
  requireInteger,
  runBlocks,
  shareVectors,
  threadsOf,
  type Vectors,
} from '@coreset/core';
import { kmeans, nearestPrototypes } from '@coreset/difficulty';
import { createCodeTable } from './code-table.js';
import type { NeighbourLists } from './exact.js';
import { layOut, nextRound, REVERSE_LIMIT } from './ivf-layout.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: 2·√rows. */
  lists?: number;
  /** Lists searched for the rows of each list, itself included; more raise recall and time. Default: 96. */
  probes?: number;
  /** Rounds of neighbours-of-neighbours after the search. Default: 4. */
  refinements?: number;
  seed?: number;
}

/** Lists that are searched when nothing is said. */
export const DEFAULT_PROBES = 96;
const DEFAULT_REFINEMENTS = 4;
/** The first refinements bring so much that a list's rows are searched together, in one product; the later ones little. */
const REFINEMENTS_BY_LIST = 2;
const ROWS_PER_TASK = 2048;
/** Candidates kept per row beyond k + 1: they lead to more neighbours, and the order by codes is not quite the true one. */
const SPARE_CANDIDATES = 13;
/** Nearest lists of each row that vote on which lists its own list probes. */
const VOTES = 12;

/** The number of inverted lists when none is given: 2·√rows. */
export function defaultLists(rows: number): number {
  return Math.max(1, Math.round(2 * Math.sqrt(rows)));
}

/**
 * Approximate neighbours by an inverted file: k-means divides the rows into lists, and the rows of a list
 * are searched together, in one matrix product, among the lists that most of them lie near. What the
 * borders of the lists cut off is mended by looking at the neighbours of neighbours. All that on one-byte
 * codes; the distances of the result are exact. The same for any number of threads.
 */
export async function ivfNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & IvfOptions,
): Promise<NeighbourLists> {
  const { rows } = vectors;
  const lists = Math.min(rows, options.lists ?? defaultLists(rows));
  const probes = Math.min(lists, options.probes ?? DEFAULT_PROBES);
  const refinements = options.refinements ?? DEFAULT_REFINEMENTS;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('refinements', refinements, 0);
  const quiet: RunOptions = { ...options, onProgress: undefined, onNotice: undefined };
  const shared = shareVectors(vectors);
  const { prototypes } = await kmeans(shared, {
    ...quiet,
    prototypes: lists,
    seed: options.seed ?? 0,
    iterations: 3,
    sampleSize: 24,
  });
  const near = await nearestPrototypes(shared, prototypes, Math.min(lists, VOTES), quiet);
  const width = Math.min(rows, k + 1 + SPARE_CANDIDATES);
  const table = await createCodeTable(shared, { length: 2 * REVERSE_LIMIT * width, threads: threadsOf(options) });
  if (table === undefined) {
    throw new CoresetError('ivf holds one byte per number and at most 4 GiB of them; use the exact backend');
  }
  const data = layOut(shared, k, table, width, lists, probes, near);
  const pool = openPool(new URL('./ivf-worker.js', import.meta.url), data, options);
  const progress = progressInRows(options, rows, lists * (1 + Math.min(refinements, REFINEMENTS_BY_LIST)));
  const forEachList = (task: string): Promise<unknown> =>
    Promise.all(Array.from({ length: lists }, (_, list) => pool.run(task, list).then(progress)));
  try {
    await runBlocks(pool, 'encodePlaces', rows, ROWS_PER_TASK, 'graph', quiet);
    await forEachList('searchList');
    for (let round = 0; round < refinements; round++) {
      nextRound(data, round);
      if (round < REFINEMENTS_BY_LIST) await forEachList('refineList');
      else await runBlocks(pool, 'refineBlock', rows, ROWS_PER_TASK, 'graph', quiet);
    }
    if (refinements > 0) data.found.places.set(data.refined.places);
    await runBlocks(pool, 'rank', rows, ROWS_PER_TASK, 'graph', quiet);
  } finally {
    await pool.close();
  }
  if (data.neighbours.includes(-1)) {
    throw new CoresetError(
      `the lists searched hold fewer than ${k} neighbours for some rows; raise probes, lower lists, or use the exact backend`,
    );
  }
  return { neighbours: data.neighbours, distances: data.distances };
}

/** Counts finished tasks, reported as the same share of the rows. */
function progressInRows({ onProgress }: RunOptions, rows: number, tasks: number): () => void {
  let done = 0;
  return () => onProgress?.({ stage: 'graph', done: Math.round((++done * rows) / tasks), total: rows });
}
