import {
  CoresetError,
  openPool,
  QUERY_ROWS,
  type RunOptions,
  requireInteger,
  runBlocks,
  shareVectors,
  type Vectors,
} from '@coreset/core';
import type { NeighbourLists } from './exact.js';
import { divideIntoLists } from './inverted-lists.js';
import { layOut, nextRound } from './ivf-layout.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: rows / 128, at most 8·√rows. */
  lists?: number;
  /** Lists searched for the rows of each list, itself included; more raise recall and time. Default: 18·∛lists. */
  probes?: number;
  /** Rounds of neighbours-of-neighbours after the search, at most; none follows one that finds little. Default: 4. */
  refinements?: number;
  seed?: number;
}

const DEFAULT_REFINEMENTS = 4;
/** Refinements go on while the next is expected to find this share of the k nearest. */
const WORTHWHILE_SHARE = 0.007;
/** What the search leaves to find behaves like a round that found this share: so the second can be foreseen. */
const FIRST_SHARE = 0.4;
/** How the time of a million rows is spread, for the display of progress; two rounds are the rule. */
const STEPS = { lists: 1, search: 3, round: 1 };
const ROWS_PER_TASK = 2048;
/** Candidates kept per row beyond k + 1: they lead to more neighbours, and the order by codes is not quite the true one. */
const SPARE_CANDIDATES = 13;
/** The number of inverted lists when none is given: their rows are as many as are searched in one product. */
export function defaultLists(rows: number): number {
  // Assigning rows to lists takes rows × lists products.
  return Math.max(1, Math.round(Math.min(rows / QUERY_ROWS, 8 * Math.sqrt(rows))));
}

/** The number of lists that are searched when none is given: neighbours lie in the more lists, the more there are. */
export function defaultProbes(lists: number): number {
  return Math.min(lists, Math.round(18 * Math.cbrt(lists)));
}

/**
 * Approximate neighbours by an inverted file: k-means divides the rows into lists, and the rows of a list
 * are searched together, in one matrix product, among the lists that most of them lie near. What the
 * borders of the lists cut off is mended by looking at the neighbours of neighbours. All that on one-byte
 * codes along the principal axes; the distances of the result are exact. The same for any number of threads.
 */
export async function ivfNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & IvfOptions,
): Promise<NeighbourLists> {
  const { rows } = vectors;
  const lists = Math.min(rows, options.lists ?? defaultLists(rows));
  const probes = Math.min(lists, options.probes ?? defaultProbes(lists));
  const refinements = options.refinements ?? DEFAULT_REFINEMENTS;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('refinements', refinements, 0);
  const quiet: RunOptions = { ...options, onProgress: undefined, onNotice: undefined };
  const shared = shareVectors(vectors);
  const report = progressInSteps(options, rows, STEPS.lists + STEPS.search + Math.min(2, refinements) * STEPS.round);
  const { table, near } = await divideIntoLists(shared, lists, options.seed ?? 0, quiet, (assigned) =>
    report((STEPS.lists * assigned) / rows),
  );
  const width = Math.min(rows, k + 1 + SPARE_CANDIDATES);
  const data = layOut(shared, k, table, width, lists, probes, near);
  const pool = openPool(new URL('./ivf-worker.js', import.meta.url), data, options);
  let begun = STEPS.lists;
  const forEachList = async (task: string, steps: number): Promise<unknown[]> => {
    let done = 0;
    const run = async (list: number): Promise<unknown> => {
      const result = await pool.run(task, list);
      report(begun + (steps * ++done) / lists);
      return result;
    };
    const results = await Promise.all(Array.from({ length: lists }, (_, list) => run(list)));
    begun += steps;
    return results;
  };
  try {
    await forEachList('searchList', STEPS.search);
    // What the rounds find falls about geometrically.
    for (
      let round = 0, before = FIRST_SHARE, expected = 1;
      round < refinements && expected >= WORTHWHILE_SHARE;
      round++
    ) {
      nextRound(data, round);
      const counts = (await forEachList('refineList', STEPS.round)) as number[];
      const share = counts.reduce((sum, count) => sum + count) / (rows * k);
      expected = share ** 2 / before;
      before = share;
    }
    if (refinements > 0) {
      data.found.places.set(data.refined.places);
      data.found.scores.set(data.refined.scores);
    }
    await runBlocks(pool, 'rank', rows, ROWS_PER_TASK, 'graph', quiet);
    options.onProgress?.({ stage: 'graph', done: rows, total: rows });
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

/** Tells steps, a share of all that are expected, as that share of the rows. */
function progressInSteps({ onProgress }: RunOptions, rows: number, expected: number): (done: number) => void {
  return (done) => onProgress?.({ stage: 'graph', done: Math.round(rows * Math.min(1, done / expected)), total: rows });
}
