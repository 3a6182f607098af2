import {
  collectGarbage,
  diagnose,
  inTurns,
  noProgress,
  openPool,
  type Pool,
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
import { collectReverse, type IvfData, type LayoutSizes, layOut, takeNext } from './layout.js';
import { runRoundRobin } from './round-robin.js';
import { trainAndAssign } from './train-lists.js';
import type * as worker from './worker.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: rows / 128, at most 8·√rows. */
  lists?: number;
  /** Lists that each row is searched in, those with the nearest centroids; more raise recall and time. Default: (4 + k / 20)·log₂ lists. */
  probes?: number;
  /** Rounds of NN-descent at most; none is begun that is expected to find less than 0.15 % of all neighbours. Default: 4. */
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
/** Rounds of NN-descent go on while the next is expected to find this share of the k nearest. */
const WORTHWHILE_SHARE = 0.0015;
/** The first round is taken to follow one that found this share. */
const FIRST_SHARE = 0.1;
/** Shares of the time at a million rows, for the display of progress; two rounds are the rule. */
const STEPS = { lists: 4, search: 6, round: 1 };
/** Each thread holds the vectors of so many rows and of all their candidates. */
const RANKED_ROWS_PER_TASK = 512;
/** Candidates kept per row beyond k + 1: codes order them not quite as distances do, and NN-descent finds more through them. */
const OVERSAMPLING = 9;
/** Each thread works on two groups of lists; so there are always some that no thread works on. */
const GROUPS_PER_THREAD = 4;
/** Bytes of the candidate lists of two groups, at most. */
const MOST_HELD = 2 ** 27;

/** The number of inverted lists when none is given: a list holds about as many rows as one product has queries. */
export function defaultLists(rows: number): number {
  // Assigning the rows takes rows × lists products.
  return Math.max(1, Math.round(Math.min(rows / QUERY_ROWS, 8 * Math.sqrt(rows))));
}

/** The number of lists that a row is searched in when none is given: the more lists there are, the more of them hold its neighbours. */
export function defaultProbes(lists: number, k: number): number {
  return Math.min(lists, Math.ceil((4 + k / 20) * Math.log2(lists + 1)));
}

/**
 * Approximate neighbours by an inverted file (IVF), in four steps:
 *
 * 1. k-means trains the centroids of the lists, and each row is assigned to the `probes` nearest (train-lists.ts).
 * 2. Each list is searched once: one product of the rows that it holds with all queries that probe it; the score of a pair is
 *    pushed to the candidates of both rows (group-search.ts).
 * 3. NN-descent finds neighbours in lists that were not probed (nn-descent.ts).
 * 4. Candidates are rescored by exact distance (worker.ts).
 *
 * Steps 1 to 3 work on one-byte codes along the principal axes. The result is the same for any number of threads.
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
  const seed = options.seed ?? 0;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('descentRounds', descentRounds, 0);
  const quiet: RunOptions = { ...options, onProgress: noProgress, onNotice: undefined };
  const report = progressInSteps(options, rows, STEPS.lists + STEPS.search + Math.min(2, descentRounds) * STEPS.round);
  const width = Math.min(rows, k + 1 + OVERSAMPLING);
  const held = 2 * rows * strideOf(width) * 4;
  const groups = Math.min(lists, Math.max(GROUPS_PER_THREAD * threadsOf(options), Math.ceil(held / MOST_HELD)));
  const data = await trainAndLayOut(
    await inTurns(shareSteps(vectors), options.signal),
    { lists, probes, seed },
    { k, width, groups },
    quiet,
    (assigned) => report((STEPS.lists * assigned) / rows),
  );
  const { quantiser, cols: codeCols } = data.table;
  diagnose(options, 'graph', {
    qmax: quantiser.qmax,
    lists,
    probes,
    seed,
    principalAxes: codeCols < vectors.cols ? codeCols : null,
    candidates: width,
    maxDescentRounds: descentRounds,
  });
  collectGarbage();
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
    const roundsDone = await descend(data, pool, descentRounds, () => advance(STEPS.round, lists), options.signal);
    diagnose(options, 'graph', { descentRounds: roundsDone });
    await runBlocks(pool, 'rank', rows, RANKED_ROWS_PER_TASK, 'graph', quiet);
    options.onProgress?.({ stage: 'graph', done: rows, total: rows });
  } finally {
    await pool.close();
  }
  diagnose(options, 'graph', { completedExactly: await completeLists(data, quiet) });
  return { neighbours: data.neighbours, distances: data.distances };
}

/** Rounds of NN-descent, at most `most`. @returns how many */
async function descend(
  data: IvfData,
  pool: Pool<worker.IvfTasks>,
  most: number,
  onList: () => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const lists = data.offsets.length - 1;
  const improveList = async (_: unknown, list: number): Promise<number> => {
    const count = await pool.run('improveList', list);
    onList();
    return count;
  };
  let round = 0;
  // The shares that rounds find fall about geometrically.
  for (let before = FIRST_SHARE, expected = 1; round < most && expected >= WORTHWHILE_SHARE; round++) {
    await inTurns(collectReverse(data), signal);
    const counts = await Promise.all(Array.from({ length: lists }, improveList));
    takeNext(data);
    const share = counts.reduce((sum, count) => sum + count) / (data.rowAtSlot.length * data.k);
    expected = share ** 2 / before;
    before = share;
  }
  return round;
}

/** Search the few rows exactly whose lists hold fewer than k others. @returns how many */
async function completeLists({ vectors, k, neighbours, distances }: IvfData, options: RunOptions): Promise<number> {
  const short = range(0, vectors.rows).filter((row) => neighbours[(row + 1) * k - 1] < 0);
  if (short.length === 0) return 0;
  const exact = await exactNeighbours(vectors, k, options, short);
  short.forEach((row, s) => {
    neighbours.set(exact.neighbours.subarray(s * k, (s + 1) * k), row * k);
    distances.set(exact.distances.subarray(s * k, (s + 1) * k), row * k);
  });
  return short.length;
}

/** Steps before the search. The assignment is garbage when this function returns. */
async function trainAndLayOut(
  vectors: Vectors,
  { lists, probes, seed }: Record<'lists' | 'probes' | 'seed', number>,
  sizes: LayoutSizes,
  options: RunOptions,
  onAssigned: (rows: number) => void,
): Promise<IvfData> {
  const assigned = await trainAndAssign(vectors, lists, probes, seed, options, onAssigned);
  return inTurns(layOut(vectors, assigned, sizes), options.signal);
}

/** Reports `done` of the expected steps as the same share of the rows. */
function progressInSteps({ onProgress }: RunOptions, rows: number, expected: number): (done: number) => void {
  return (done) => onProgress?.({ stage: 'graph', done: Math.round(rows * Math.min(1, done / expected)), total: rows });
}
