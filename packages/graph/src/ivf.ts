import {
  CoresetError,
  loadVectors,
  type Matrix,
  openPool,
  type Pool,
  type RunOptions,
  requireInteger,
  runBlocks,
  type Vectors,
} from '@coreset/core';
import { kmeans, nearestPrototypes } from '@coreset/difficulty';
import type { NeighbourLists } from './exact.js';
import type { IvfData } from './ivf-worker.js';

/** Parameters of the inverted-file search. */
export interface IvfOptions {
  /** Inverted lists. Default: 2·√rows. */
  lists?: number;
  /** Lists searched for the rows of each list, itself included; more raise recall and time. Default: 64. */
  probes?: number;
  /** Rounds of neighbours-of-neighbours after the search. Default: 1. */
  refinements?: number;
  seed?: number;
}

const DEFAULT_PROBES = 64;
const LISTS_PER_TASK = 2;
const REFINED_ROWS = 2048;
/** Nearest lists of each row that vote on which lists its own list probes. */
const VOTES = 12;
/** Rows that list a row, kept per row for the refinement. */
const REVERSE_LIMIT = 12;

/** The number of inverted lists when none is given: 2·√rows. */
export function defaultLists(rows: number): number {
  return Math.max(1, Math.round(2 * Math.sqrt(rows)));
}

/**
 * Approximate neighbours by an inverted file: k-means divides the rows into lists, and the rows of a list
 * are searched together, in one matrix product, among the lists that most of them lie near. What the
 * borders of the lists cut off is mended by looking at the neighbours of neighbours. The same for any
 * number of threads.
 */
export async function ivfNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & IvfOptions,
): Promise<NeighbourLists> {
  const { rows } = vectors;
  const lists = Math.min(rows, options.lists ?? defaultLists(rows));
  const probes = Math.min(lists, options.probes ?? DEFAULT_PROBES);
  const refinements = options.refinements ?? 1;
  requireInteger('lists', lists, 1);
  requireInteger('probes', probes, 1);
  requireInteger('refinements', refinements, 0);
  const quiet: RunOptions = { ...options, onProgress: undefined, onNotice: undefined };
  const matrix = loadVectors(vectors);
  const { prototypes } = await kmeans(matrix, {
    ...quiet,
    prototypes: lists,
    seed: options.seed ?? 0,
    iterations: 8,
    sampleSize: 64,
  });
  const near = await nearestPrototypes(matrix, prototypes, Math.min(lists, VOTES), quiet);
  const data = layOut(matrix, k, lists, probes, near);
  const pool = openPool(new URL('./ivf-worker.js', import.meta.url), data, options);
  try {
    await runBlocks(pool, 'searchLists', lists, LISTS_PER_TASK, 'graph', listProgress(options, rows, lists));
    for (let round = 0; round < refinements; round++) await refine(pool, data, rows, quiet);
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

/** Progress in rows, from progress in lists. */
function listProgress(options: RunOptions, rows: number, lists: number): RunOptions {
  return {
    ...options,
    onProgress:
      options.onProgress &&
      (({ stage, done }) => options.onProgress?.({ stage, done: Math.round((done * rows) / lists), total: rows })),
  };
}

function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * 4));
}

/** Sort the rows into lists and choose what each list probes. `near` is rows × votes, nearest list first. */
function layOut(vectors: Matrix, k: number, lists: number, probes: number, near: Int32Array): IvfData {
  const { rows } = vectors;
  const votes = near.length / rows;
  const offsets = sharedInts(lists + 1);
  for (let i = 0; i < rows; i++) offsets[near[i * votes] + 1]++;
  for (let l = 0; l < lists; l++) offsets[l + 1] += offsets[l];
  const members = sharedInts(rows);
  const filled = offsets.slice();
  for (let i = 0; i < rows; i++) members[filled[near[i * votes]]++] = i;
  return {
    vectors,
    k,
    members,
    offsets,
    probes: chooseProbes(members, offsets, near, votes, probes),
    probesPerList: probes,
    neighbours: sharedInts(rows * k),
    distances: sharedFloats(rows * k),
    refinedNeighbours: sharedInts(rows * k),
    refinedDistances: sharedFloats(rows * k),
    reverseOffsets: sharedInts(rows + 1),
    reverse: sharedInts(rows * Math.min(k, REVERSE_LIMIT)),
  };
}

/** The lists that most of a list's rows have among their nearest; nearer ones count more, the list itself comes first. */
function chooseProbes(
  members: Int32Array,
  offsets: Int32Array,
  near: Int32Array,
  votes: number,
  probes: number,
): Int32Array {
  const lists = offsets.length - 1;
  const result = sharedInts(lists * probes).fill(-1);
  const tally = new Float64Array(lists);
  for (let l = 0; l < lists; l++) {
    const voted: number[] = [];
    for (let m = offsets[l]; m < offsets[l + 1]; m++) {
      for (let v = 0; v < votes; v++) {
        const other = near[members[m] * votes + v];
        if (tally[other] === 0) voted.push(other);
        tally[other] += 1 / (1 + v);
      }
    }
    tally[l] += members.length;
    voted.sort((a, b) => tally[b] - tally[a] || a - b);
    for (let p = 0; p < Math.min(probes, voted.length); p++) result[l * probes + p] = voted[p];
    for (const other of voted) tally[other] = 0;
    tally[l] = 0;
  }
  return result;
}

async function refine(pool: Pool, data: IvfData, rows: number, options: RunOptions): Promise<void> {
  listReverse(data, rows);
  await runBlocks(pool, 'refineBlock', rows, REFINED_ROWS, 'graph', options);
  data.neighbours.set(data.refinedNeighbours);
  data.distances.set(data.refinedDistances);
}

/** For each row the first rows that list it. */
function listReverse({ k, neighbours, reverseOffsets, reverse }: IvfData, rows: number): void {
  const expanded = Math.min(k, REVERSE_LIMIT);
  const counts = new Int32Array(rows);
  const visit = (use: (listed: number, row: number) => void): void => {
    counts.fill(0);
    for (let i = 0; i < rows; i++) {
      for (let e = i * k; e < i * k + expanded; e++) {
        const listed = neighbours[e];
        if (listed >= 0 && counts[listed] < REVERSE_LIMIT) {
          use(listed, i);
          counts[listed]++;
        }
      }
    }
  };
  reverseOffsets.fill(0);
  visit((listed) => reverseOffsets[listed + 1]++);
  for (let i = 0; i < rows; i++) reverseOffsets[i + 1] += reverseOffsets[i];
  visit((listed, row) => {
    reverse[reverseOffsets[listed] + counts[listed]] = row;
  });
}
