import {
  CoresetError,
  inTurns,
  loadSteps,
  type Matrix,
  noProgress,
  pickOptions,
  RUN_OPTIONS,
  type RunOptions,
  randomOrder,
  requireInteger,
  requireKnownOptions,
  requireLabels,
  requireScores,
  type ShowsItself,
  seededRandom,
  showAs,
  shownInCell,
  takeRows,
  type Vectors,
} from '@coreset/core';
import { difficultyScores } from '@coreset/difficulty';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import { clusterCoverage, coverage, labelBalance, linearProbe, nearDuplicateShare } from '@coreset/metrics';
import {
  type Keep,
  type MethodName,
  methodOf,
  parseKeep,
  SELECT_OPTIONS,
  type SelectOptions,
  select,
} from '@coreset/selector';
import { defaultK } from '../defaults.js';
import type { Comparison, Spread } from './comparison.js';
import { addVersus } from './noise.js';
import { showComparison } from './show-comparison.js';

/** Options of {@link compareMethods}. */
export interface CompareOptions extends RunOptions, SelectOptions {
  methods: MethodName[];
  /** Budgets, each a share or a count. */
  keep: Keep[];
  /** Difficulty of each row; default: the prototype distance. */
  scores?: ArrayLike<number>;
  /** Class of each row, for label balance and the linear probe. */
  labels?: Int32Array;
  /** Seeds 0 … n − 1, each with its own split for the probe. Default: 3. */
  seeds?: number;
  prototypes?: number;
  k?: number;
}

/** Every option of {@link CompareOptions}. */
export const COMPARE_OPTIONS: Readonly<Record<keyof CompareOptions, true>> = {
  methods: true,
  keep: true,
  scores: true,
  labels: true,
  seeds: true,
  prototypes: true,
  k: true,
  ...RUN_OPTIONS,
  ...SELECT_OPTIONS,
};

/** A fifth of the rows is held out for the probe. */
const HELD_OUT = 0.2;

interface Prepared {
  vectors: Matrix;
  scores: ArrayLike<number>;
  clusters: Int32Array;
  graphs: Map<number, NeighbourGraph>;
}

async function prepare(vectors: Matrix, options: CompareOptions): Promise<Prepared> {
  const quiet = { ...pickOptions(options, RUN_OPTIONS), onProgress: noProgress };
  const { prototypes } = options;
  const difficulty = await difficultyScores(vectors, { ...quiet, prototypes, seed: 0 });
  const graphs = new Map<number, NeighbourGraph>();
  for (const method of options.methods) {
    const k = options.k ?? defaultK(method);
    if (methodOf(method).needs.includes('graph') && !graphs.has(k))
      graphs.set(k, await buildGraph(vectors, { ...quiet, k }));
  }
  if (graphs.size === 0) graphs.set(10, await buildGraph(vectors, { ...quiet, k: 10 }));
  return { vectors, scores: options.scores ?? difficulty.scores, clusters: difficulty.labels, graphs };
}

/** The rows that a method keeps at each budget. */
async function keptOf(
  method: MethodName,
  prepared: Prepared,
  labels: Int32Array | undefined,
  budgets: number[],
  seed: number,
  options: CompareOptions,
): Promise<Int32Array[]> {
  const at = (budget: number): Promise<Int32Array> => orderOf(method, prepared, labels, budget, seed, options);
  if (methodOf(method).isForBudget) {
    const kept: Int32Array[] = [];
    for (const budget of budgets) kept.push(await at(budget));
    return kept;
  }
  const order = await at(Math.max(...budgets));
  return budgets.map((budget) => order.slice(0, budget));
}

async function orderOf(
  method: MethodName,
  prepared: Prepared,
  labels: Int32Array | undefined,
  budget: number,
  seed: number,
  options: CompareOptions,
): Promise<Int32Array> {
  const { vectors, scores, graphs } = prepared;
  const graph = graphs.get(options.k ?? defaultK(method));
  const settings = pickOptions(options, SELECT_OPTIONS);
  const { order } = await select(
    method,
    {
      rows: vectors.rows,
      budget,
      vectors,
      graph,
      scores,
      labels,
      seed,
      ...pickOptions(options, { signal: true, onDiagnostics: true }),
    },
    settings,
  );
  return order;
}

/**
 * Run several selectors on the same embeddings and measure what each keeps. Coverage is measured on all
 * rows; with labels, each seed also holds out a fifth, selects from the rest, and trains a linear probe on
 * what was kept.
 *
 * @returns one entry per method and budget, in the order given
 * @throws CoresetError when there is no method, budget or seed, or not one score or label per row
 */
export async function compareMethods(vectors: Vectors, given: CompareOptions): Promise<Comparison[] & ShowsItself> {
  requireKnownOptions('compareMethods', given, COMPARE_OPTIONS);
  const options = shownInCell(given);
  const { methods, keep, scores, labels, seeds = 3, signal } = options;
  if (methods.length === 0 || keep.length === 0) throw new CoresetError('compareMethods needs a method and a budget');
  requireInteger('seeds', seeds, 1);
  if (scores) requireScores(scores, vectors.rows);
  if (labels) requireLabels(labels, vectors.rows);
  const matrix = await inTurns(loadSteps(vectors), signal);
  const budgets = keep.map((one) => parseKeep(one, matrix.rows));
  const all = await prepare(matrix, options);
  const samples = new Map<string, Record<string, number[]>>();
  const note = (method: string, budget: number, metric: string, value: number): void => {
    const key = `${method} ${budget}`;
    const entry = samples.get(key) ?? {};
    samples.set(key, entry);
    entry[metric] = [...(entry[metric] ?? []), value];
  };
  // Near-duplicates are counted on the same graph for all methods.
  const smallest = all.graphs.get(Math.min(...all.graphs.keys())) as NeighbourGraph;
  const total = methods.length * seeds;
  let done = 0;
  options.onProgress?.({ stage: 'compare', done, total });
  for (let seed = 0; seed < seeds; seed++) {
    const halves = labels && (await split(matrix, labels, budgets, seed, options));
    for (const method of methods) {
      options.signal?.throwIfAborted();
      const keptAll = await keptOf(method, all, labels, budgets, seed, options);
      const probed = halves && (await keptOf(method, halves.train, halves.trainLabels, halves.budgets, seed, options));
      for (let b = 0; b < budgets.length; b++) {
        const kept = keptAll[b];
        const { aucpr, maxRadius } = await coverage(matrix, kept, pickOptions(options, RUN_OPTIONS));
        note(method, b, 'kept', kept.length);
        note(method, b, 'aucpr', aucpr);
        note(method, b, 'maxRadius', maxRadius);
        note(method, b, 'clusterCoverage', clusterCoverage(all.clusters, kept));
        note(method, b, 'nearDuplicates', nearDuplicateShare(smallest, kept));
        note(method, b, 'difficulty', meanOf(kept, all.scores));
        if (labels) note(method, b, 'labelBalance', labelBalance(labels, kept));
        if (halves && probed) {
          const rows = probed[b];
          const trainLabels = Int32Array.from(rows, (row) => halves.trainLabels[row]);
          note(
            method,
            b,
            'accuracy',
            await linearProbe(takeRows(halves.train.vectors, rows), trainLabels, halves.test, halves.testLabels, {
              signal,
            }),
          );
        }
      }
      options.onProgress?.({ stage: 'compare', done: ++done, total });
    }
  }
  const comparisons = methods.flatMap((method) =>
    keep.map((one, b): Comparison => {
      const entry = samples.get(`${method} ${b}`) ?? {};
      return { method, keep: one, kept: entry.kept[0], ...summaries(entry), versus: {} };
    }),
  );
  addVersus(comparisons, { accuracy: HELD_OUT / (1 - HELD_OUT) });
  return showAs(comparisons, () => showComparison(comparisons));
}

/** Of the kept rows' scores; of scores so large that their sum is beyond the greatest number each is divided first. */
function meanOf(kept: Int32Array, scores: ArrayLike<number>): number {
  const sum = kept.reduce((total, row) => total + scores[row], 0);
  if (Number.isFinite(sum)) return sum / kept.length;
  return kept.reduce((total, row) => total + scores[row] / kept.length, 0);
}

interface Halves {
  train: Prepared;
  trainLabels: Int32Array;
  test: Matrix;
  testLabels: Int32Array;
  /** The budgets as the same shares of the rows to select from. */
  budgets: number[];
}

async function split(
  matrix: Matrix,
  labels: Int32Array,
  budgets: number[],
  seed: number,
  options: CompareOptions,
): Promise<Halves> {
  const order = randomOrder(matrix.rows, seededRandom(1000 + seed));
  const held = Math.round(HELD_OUT * matrix.rows);
  const testRows = order.slice(0, held);
  const trainRows = order.slice(held);
  const { scores } = options;
  const trainOptions = { ...options, scores: scores && Float64Array.from(trainRows, (row) => scores[row]) };
  return {
    train: await prepare(takeRows(matrix, trainRows), trainOptions),
    trainLabels: Int32Array.from(trainRows, (row) => labels[row]),
    test: takeRows(matrix, testRows),
    testLabels: Int32Array.from(testRows, (row) => labels[row]),
    budgets: budgets.map((budget) => Math.max(1, Math.round((budget * trainRows.length) / matrix.rows))),
  };
}

function spreadOf(values: number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squared = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squared / (values.length - 1)) : 0, values };
}

function summaries(entry: Record<string, number[]>): Omit<Comparison, 'method' | 'keep' | 'kept' | 'versus'> {
  const of = (metric: string): Spread => spreadOf(entry[metric]);
  return {
    aucpr: of('aucpr'),
    maxRadius: of('maxRadius'),
    clusterCoverage: of('clusterCoverage'),
    nearDuplicates: of('nearDuplicates'),
    difficulty: of('difficulty'),
    ...(entry.labelBalance && { labelBalance: of('labelBalance') }),
    ...(entry.accuracy && { accuracy: of('accuracy') }),
  };
}
