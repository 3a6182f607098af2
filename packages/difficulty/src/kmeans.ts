import {
  blockSteps,
  CoresetError,
  createMatrix,
  diagnose,
  fallingOrder,
  finiteSteps,
  gatherSteps,
  inTurns,
  loadSteps,
  type Matrix,
  normaliseRows,
  RUN_OPTIONS,
  type RunOptions,
  requireInteger,
  requireKnownOptions,
  requireNumber,
  requireVectors,
  type Steps,
  sampleRows,
  seededRandom,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import { exactQmax } from '@coreset/kernels';
import { seedPrototypes } from './seeding.js';
import { openTrainer, type Pass, startTrainingThreads, type Trainer } from './trainer.js';

/** Distance between a row and a prototype. For `cosine` both are scaled to length 1 and the distance is 1 − cos. */
export type Metric = 'euclidean' | 'cosine';

/** Options of {@link kmeans}. */
export interface KmeansOptions extends RunOptions {
  /** Number of prototypes P. Default: √rows, at most 1,000. Shrinks to the number of rows. */
  prototypes?: number;
  metric?: Metric;
  seed?: number;
  /** Lloyd iterations at most. Default: 20. */
  iterations?: number;
  /** Stop when an iteration lowers the inertia by less than this share. Default: 0.001. */
  tolerance?: number;
  /** Rows per prototype to train on, drawn at random. Default: 256; all rows when there are fewer. */
  sampleSize?: number;
  /** `kernel` runs on onnxruntime; `ml-kmeans` is an independent, much slower implementation. */
  backend?: 'kernel' | 'ml-kmeans';
}

/** Every option of {@link KmeansOptions}. */
export const KMEANS_OPTIONS: Readonly<Record<keyof KmeansOptions, true>> = {
  ...RUN_OPTIONS,
  prototypes: true,
  metric: true,
  seed: true,
  iterations: true,
  tolerance: true,
  sampleSize: true,
  backend: true,
};

/** Prototypes found by k-means. */
export interface Kmeans {
  /** P × cols; of length 1 each under the cosine metric. */
  prototypes: Matrix;
  /** Lloyd iterations run. */
  iterations: number;
  /** Sum of squared Euclidean distances of the training rows to their prototypes, before the last update. */
  inertia: number;
}

const SEEDING_ROWS_PER_PROTOTYPE = 4;
const SCALED_ROWS = 512;

/** The number of prototypes used when none is given: √rows, between 1 and 1,000. */
export function defaultPrototypes(rows: number): number {
  return Math.min(1000, Math.max(1, Math.round(Math.sqrt(rows))));
}

/**
 * Find prototypes by Lloyd's k-means, seeded with k-means++ on a sample; an empty prototype moves to the
 * row that is farthest from its prototype. The same seed gives the same bits for any number of threads.
 *
 * @param vectors rows × cols, finite
 * @throws CoresetError when an option is out of range or there are no rows
 */
export async function kmeans(vectors: Vectors, given: KmeansOptions = {}): Promise<Kmeans> {
  requireKnownOptions('kmeans', given, KMEANS_OPTIONS);
  const options = shownInCell(given);
  const { metric = 'euclidean', seed = 0, iterations = 20, tolerance = 1e-3, sampleSize = 256 } = options;
  const { backend = 'kernel' } = options;
  const wanted = options.prototypes ?? defaultPrototypes(vectors.rows);
  requireInteger('prototypes', wanted, 1);
  requireInteger('iterations', iterations, 1);
  requireInteger('sampleSize', sampleSize, 1);
  requireNumber('tolerance', tolerance, 0);
  if (metric !== 'euclidean' && metric !== 'cosine')
    throw new CoresetError(`metric '${metric}' is not known; use euclidean or cosine`);
  if (backend !== 'kernel' && backend !== 'ml-kmeans')
    throw new CoresetError(`backend '${backend}' is not known; use kernel or ml-kmeans`);
  requireVectors(vectors);
  if (vectors.rows === 0) throw new CoresetError('k-means needs at least one row');
  const count = Math.min(wanted, vectors.rows);
  if (count < wanted) options.onNotice?.(`prototypes shrank from ${wanted} to ${count}, the number of rows`);

  const random = seededRandom(seed);
  const trainingRows = sampleRows(vectors.rows, sampleSize * count, random);
  const { signal } = options;
  const training =
    trainingRows.length === vectors.rows ? vectors : await inTurns(gatherSteps(vectors, trainingRows), signal);
  const asked = {
    source: 'prototype distance',
    backend,
    prototypes: count,
    metric,
    seed,
    maxIterations: iterations,
    tolerance,
    trainingRows: training.rows,
  };
  if (backend === 'ml-kmeans') {
    const { mlKmeans } = await import('./ml-kmeans.js'); // a quarter of a second that the others need not wait
    await inTurns(finiteSteps(training, 'the vectors'), signal);
    const cosine = metric === 'cosine';
    const found = await mlKmeans(training, { count, cosine, seed, iterations, tolerance, signal });
    diagnose(options, 'difficulty', { ...asked, iterations: found.iterations, inertia: found.inertia });
    return found;
  }

  startTrainingThreads(training.rows, options);
  const rows = await inTurns(trainingMatrix(training, metric), signal);
  const seedingRows = sampleRows(rows.rows, Math.max(1024, SEEDING_ROWS_PER_PROTOTYPE * count), random);
  const seeding = await inTurns(gatherSteps(rows, seedingRows), signal);
  const trainer = await openTrainer(rows, await seedPrototypes(seeding, count, random, signal), options);
  try {
    let inertia = Number.POSITIVE_INFINITY;
    let done = 0;
    const assignedBy = new Set<Pass['assignedBy']>();
    while (done < iterations) {
      const pass = await trainer.pass();
      const previous = inertia;
      inertia = pass.inertia;
      assignedBy.add(pass.assignedBy);
      await updatePrototypes(trainer, pass, rows, metric, signal);
      done++;
      const converged = inertia === 0 || previous - inertia < tolerance * previous;
      options.onProgress?.({ stage: 'prototypes', done: converged ? iterations : done, total: iterations });
      if (converged) break;
    }
    const qmax = assignedBy.has('codes') ? await exactQmax() : undefined;
    const trainedBy = [...assignedBy].join(', then ');
    diagnose(options, 'difficulty', { ...asked, iterations: done, inertia, trainedBy, qmax });
    return { prototypes: { data: trainer.prototypes, rows: count, cols: vectors.cols }, iterations: done, inertia };
  } finally {
    await trainer.close();
  }
}

/** In shared memory, and of length 1 for cosine. */
function* trainingMatrix(training: Vectors, metric: Metric): Steps<Matrix> {
  if (metric !== 'cosine') return yield* loadSteps(training);
  const scaled = createMatrix(training.rows, training.cols);
  yield* blockSteps(training, SCALED_ROWS, (block, start) => {
    normaliseRows(block, scaled.cols);
    scaled.data.set(block, start * scaled.cols);
  });
  return scaled;
}

async function updatePrototypes(
  trainer: Trainer,
  { sums, counts }: Pass,
  { data, cols }: Matrix,
  metric: Metric,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { prototypes } = trainer;
  const empty = Array.from(counts.keys()).filter((p) => counts[p] === 0);
  const farthest =
    empty.length > 0
      ? (await inTurns(fallingOrder(await trainer.squaredDistances()), signal)).subarray(0, empty.length)
      : [];
  for (let p = 0; p < counts.length; p++) {
    if (counts[p] > 0) for (let c = p * cols; c < (p + 1) * cols; c++) prototypes[c] = sums[c] / counts[p];
  }
  farthest.forEach((row, e) => {
    prototypes.set(data.subarray(row * cols, (row + 1) * cols), empty[e] * cols);
  });
  if (metric === 'cosine') normaliseRows(prototypes, cols);
}
