import {
  CoresetError,
  gatherRows,
  openPool,
  type RunOptions,
  requireInteger,
  runBlocks,
  sampleRows,
  seededRandom,
  shareVectors,
  type Vectors,
} from '@coreset/core';
import { kmeans, nearestPrototypes } from '@coreset/difficulty';
import { createCodeTable } from './code-table.js';
import type { NeighbourLists } from './exact.js';
import { largestExactCode } from './exact-codes.js';
import { layOut, nextRound } from './ivf-layout.js';
import { createProjection, type PrincipalAxes } from './principal-axes.js';
import { fitQuantiser, type Quantiser } from './quantise.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: 0.22·rows^⅔. */
  lists?: number;
  /** Lists searched for the rows of each list, itself included; more raise recall and time. Default: 112. */
  probes?: number;
  /** Rounds of neighbours-of-neighbours after the search, at most; none follows one that finds little. Default: 4. */
  refinements?: number;
  seed?: number;
}

const LISTS = 0.22;
/** Lists that are searched when nothing is said. */
export const DEFAULT_PROBES = 112;
const DEFAULT_REFINEMENTS = 4;
/** Refinements go on while the next is expected to find this share of the k nearest. */
const WORTHWHILE_SHARE = 0.005;
const ROWS_PER_TASK = 2048;
/** Candidates kept per row beyond k + 1: they lead to more neighbours, and the order by codes is not quite the true one. */
const SPARE_CANDIDATES = 13;
/** Nearest lists of each row that vote on which lists its own list probes. */
const VOTES = 12;
const QUANTISER_SAMPLE = 16_384;

/** The number of inverted lists when none is given; with the square root what a list probes would grow too fast. */
export function defaultLists(rows: number): number {
  return Math.max(1, Math.round(LISTS * rows ** (2 / 3)));
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
  const probes = Math.min(lists, options.probes ?? DEFAULT_PROBES);
  const refinements = options.refinements ?? DEFAULT_REFINEMENTS;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('refinements', refinements, 0);
  const quiet: RunOptions = { ...options, onProgress: undefined, onNotice: undefined };
  const shared = shareVectors(vectors);
  const [near, axes] = await Promise.all([
    nearestLists(shared, lists, options.seed ?? 0, quiet),
    axesOf(shared, quiet),
  ]);
  const width = Math.min(rows, k + 1 + SPARE_CANDIDATES);
  const quantiser = await quantiserFor(shared, axes);
  const table = createCodeTable(rows, quantiser);
  if (table === undefined) {
    throw new CoresetError('ivf holds one byte per number and at most 4 GiB of them; use the exact backend');
  }
  const data = layOut(shared, k, axes, table, width, lists, probes, near);
  const pool = openPool(new URL('./ivf-worker.js', import.meta.url), data, options);
  const progress = progressInRows(options, rows, lists * (1 + refinements));
  const forEachList = (task: string): Promise<unknown[]> =>
    Promise.all(Array.from({ length: lists }, (_, list) => pool.run(task, list).then(progress)));
  try {
    await runBlocks(pool, 'encodePlaces', rows, ROWS_PER_TASK, 'graph', quiet);
    await forEachList('searchList');
    // What the rounds find falls about geometrically; the search itself found all there was.
    for (let round = 0, before = 1, expected = 1; round < refinements && expected >= WORTHWHILE_SHARE; round++) {
      nextRound(data, round);
      const counts = (await forEachList('refineList')) as number[];
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

/** Divide the rows into lists. @returns per row the nearest lists, its own first */
async function nearestLists(vectors: Vectors, lists: number, seed: number, options: RunOptions): Promise<Int32Array> {
  const { prototypes } = await kmeans(vectors, {
    ...options,
    prototypes: lists,
    start: 'random',
    seed,
    iterations: 5,
    sampleSize: 24,
  });
  return nearestPrototypes(vectors, prototypes, Math.min(lists, VOTES), options);
}

/** On a thread of their own: they take as long as the lists. */
async function axesOf(vectors: Vectors, options: RunOptions): Promise<PrincipalAxes | undefined> {
  const pool = openPool(new URL('./principal-axes-worker.js', import.meta.url), vectors, options);
  try {
    return await pool.run('principalAxes', undefined);
  } finally {
    await pool.close();
  }
}

/** Measured on a sample when rows are projected: the few that reach beyond are cut off, which their errors show. */
async function quantiserFor(vectors: Vectors, axes: PrincipalAxes | undefined): Promise<Quantiser> {
  const largestCode = await largestExactCode();
  if (axes === undefined) return fitQuantiser(vectors, largestCode);
  const sample = gatherRows(vectors, sampleRows(vectors.rows, QUANTISER_SAMPLE, seededRandom(0)));
  const data = await (await createProjection(axes))(Float32Array.from(sample.data));
  return fitQuantiser({ data, rows: sample.rows, cols: axes.dims }, largestCode);
}

/** Counts finished tasks, reported as the same share of the rows. */
function progressInRows({ onProgress }: RunOptions, rows: number, tasks: number): <T>(result: T) => T {
  let done = 0;
  return (result) => {
    onProgress?.({ stage: 'graph', done: Math.round((++done * rows) / tasks), total: rows });
    return result;
  };
}
