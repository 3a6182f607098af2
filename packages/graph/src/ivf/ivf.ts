import {
  inTurns,
  openPool,
  type RunOptions,
  range,
  requireInteger,
  runBlocks,
  shareSteps,
  threadsOf,
  type Vectors,
} from '@coreset/core';
import { QUERY_ROWS, strideOf } from '@coreset/kernels';
import { exactNeighbours, type NeighbourLists } from '../exact/exact.js';
import { trainAndAssign } from './inverted-lists.js';
import { type IvfData, type LayoutSizes, layOut, listReverse, takeNext } from './layout.js';
import { runRoundRobin } from './round-robin.js';
import type * as worker from './worker.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: rows / 128, at most 8·√rows. */
  lists?: number;
  /** The nearest lists of each row that it is searched in, its own included; more raise recall and time. Default: (4 + k / 20)·log₂ lists. */
  probes?: number;
  /** Rounds of neighbours-of-neighbours after the search, at most; none follows one that finds little. Default: 4. */
  descentRounds?: number;
  seed?: number;
}

/** Every option of {@link IvfOptions}. */
export const IVF_OPTIONS: Readonly<Record<keyof IvfOptions, true>> = {
  lists: true,
  probes: true,
  descentRounds: true,
  seed: true,
};

const DEFAULT_DESCENT_ROUNDS = 4;
/** Refinements go on while the next is expected to find this share of the k nearest. */
const WORTHWHILE_SHARE = 0.0015;
/** What the search leaves to find behaves like a round that found this share: so the second can be foreseen. */
const FIRST_SHARE = 0.1;
/** How the time of a million rows is spread, for the display of progress; two rounds are the rule. */
const STEPS = { lists: 4, search: 6, round: 1 };
const ROWS_PER_TASK = 2048;
/** Candidates kept per row beyond k + 1: they lead to more neighbours, and the order by codes is not quite the true one. */
const OVERSAMPLING = 9;
/** So that some groups of lists are free while each thread has two. */
const GROUPS_PER_THREAD = 4;
/** What the candidates of two groups take at most, in bytes. */
const MOST_HELD = 2 ** 27;

/** The number of inverted lists when none is given: their rows are as many as are searched in one product. */
export function defaultLists(rows: number): number {
  // Assigning rows to lists takes rows × lists products.
  return Math.max(1, Math.round(Math.min(rows / QUERY_ROWS, 8 * Math.sqrt(rows))));
}

/** The number of lists that a row is searched in when none is given: neighbours lie in the more lists, the more there are. */
export function defaultProbes(lists: number, k: number): number {
  return Math.min(lists, Math.ceil((4 + k / 20) * Math.log2(lists + 1)));
}

/**
 * Approximate neighbours by an inverted file: k-means divides the rows into lists, and each row is compared with the
 * rows of the lists that it lies near, in one matrix product with all others that lie near the same list; both rows of a
 * pair learn of each other. What the borders of the lists cut off is mended by looking at the neighbours of neighbours.
 * All that on one-byte codes along the principal axes; the distances of the result are exact. The same for any number
 * of threads.
 */
export async function ivfNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & IvfOptions,
): Promise<NeighbourLists> {
  const { rows } = vectors;
  const lists = Math.min(rows, options.lists ?? defaultLists(rows));
  const probes = Math.min(lists, options.probes ?? defaultProbes(lists, k));
  const descentRounds = options.descentRounds ?? DEFAULT_DESCENT_ROUNDS;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('refinements', descentRounds, 0);
  const quiet: RunOptions = { ...options, onProgress: undefined, onNotice: undefined };
  const report = progressInSteps(options, rows, STEPS.lists + STEPS.search + Math.min(2, descentRounds) * STEPS.round);
  const width = Math.min(rows, k + 1 + OVERSAMPLING);
  const held = 2 * rows * strideOf(width) * 4;
  const groups = Math.min(lists, Math.max(GROUPS_PER_THREAD * threadsOf(options), Math.ceil(held / MOST_HELD)));
  const data = await divideAndLayOut(
    await inTurns(shareSteps(vectors), options.signal),
    { lists, probes, seed: options.seed ?? 0 },
    { k, width, groups },
    quiet,
    (assigned) => report((STEPS.lists * assigned) / rows),
  );
  const pool = openPool<typeof worker>(new URL('./worker.js', import.meta.url), data, options);
  let done = STEPS.lists;
  /** One of `tasks` that take so many steps together has ended. */
  const advance = (steps: number, tasks: number): void => {
    done += steps / tasks;
    report(done);
  };
  try {
    await runRoundRobin(groups, async (first, second) => {
      await pool.run('searchGroups', { first, second });
      advance(STEPS.search, (groups * (groups + 1)) / 2);
    });
    // What the rounds find falls about geometrically.
    for (
      let round = 0, before = FIRST_SHARE, expected = 1;
      round < descentRounds && expected >= WORTHWHILE_SHARE;
      round++
    ) {
      await inTurns(listReverse(data), options.signal);
      const improveList = async (_: unknown, list: number): Promise<number> => {
        const count = await pool.run('improveList', list);
        advance(STEPS.round, lists);
        return count;
      };
      const counts = await Promise.all(Array.from({ length: lists }, improveList));
      takeNext(data);
      const share = counts.reduce((sum, count) => sum + count) / (rows * k);
      expected = share ** 2 / before;
      before = share;
    }
    await runBlocks(pool, 'rank', rows, ROWS_PER_TASK, 'graph', quiet);
    options.onProgress?.({ stage: 'graph', done: rows, total: rows });
  } finally {
    await pool.close();
  }
  await completeLists(data, quiet);
  return { neighbours: data.neighbours, distances: data.distances };
}

/** Search the few rows exactly whose lists hold fewer than k others. */
async function completeLists({ vectors, k, neighbours, distances }: IvfData, options: RunOptions): Promise<void> {
  const short = range(0, vectors.rows).filter((row) => neighbours[(row + 1) * k - 1] < 0);
  if (short.length === 0) return;
  const exact = await exactNeighbours(vectors, k, options, short);
  short.forEach((row, s) => {
    neighbours.set(exact.neighbours.subarray(s * k, (s + 1) * k), row * k);
    distances.set(exact.distances.subarray(s * k, (s + 1) * k), row * k);
  });
}

/** A function of its own, so that the lists near each row are gone when it returns. */
async function divideAndLayOut(
  vectors: Vectors,
  { lists, probes, seed }: Record<'lists' | 'probes' | 'seed', number>,
  sizes: LayoutSizes,
  options: RunOptions,
  onAssigned: (rows: number) => void,
): Promise<IvfData> {
  const divided = await trainAndAssign(vectors, lists, probes, seed, options, onAssigned);
  return inTurns(layOut(vectors, divided, sizes), options.signal);
}

/** Tells steps, a share of all that are expected, as that share of the rows. */
function progressInSteps({ onProgress }: RunOptions, rows: number, expected: number): (done: number) => void {
  return (done) => onProgress?.({ stage: 'graph', done: Math.round(rows * Math.min(1, done / expected)), total: rows });
}
