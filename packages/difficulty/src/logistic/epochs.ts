import {
  inTurns,
  openPool,
  type Random,
  type RunOptions,
  randomOrderSteps,
  seededRandom,
  sharedInts,
  shareSteps,
  type Vectors,
} from '@coreset/core';
import { centringSteps } from './centring.js';
import type * as worker from './epoch-worker.js';
import type { EpochData } from './epoch-worker.js';
import type { Observation } from './observe.js';

const WORKER: URL = new URL('./epoch-worker.js', import.meta.url);
/** As many at any number of rows, so that small and large corpora are trained alike. */
const STEPS_PER_EPOCH = 32;
/** Of fewer rows, one alone would move the weights too far. */
const LEAST_BATCH = 128;
/** Parts of a batch that threads work on. */
const PARTS = 16;
const LEAST_PART = 256;
/** Below 7.6, where steps of that momentum along rows of mean squared length 1 would grow without end. */
const RATE = 2;
const MOMENTUM = 0.9;
/** Tells its random choices apart from those of k-means under the same seed. */
const PURPOSE = 0x65706f63;

/** Rows that a step of the training looks at: a 32nd of them, at least 128. */
export function batchRows(rows: number): number {
  return Math.min(rows, Math.max(LEAST_BATCH, Math.ceil(rows / STEPS_PER_EPOCH)));
}

/** Steps of an epoch, and parts of the largest batch. */
export function partsOf(rows: number): { steps: number; parts: number; partRows: number } {
  const batch = batchRows(rows);
  const partRows = Math.max(LEAST_PART, Math.ceil(batch / PARTS));
  return { steps: Math.ceil(rows / batch), parts: Math.ceil(batch / partRows), partRows };
}

/** Options of {@link trainEpochs}. */
export interface EpochsOptions extends Pick<RunOptions, 'threads' | 'signal' | 'onProgress'> {
  epochs: number;
  seed: number;
  /** What is told of each row. */
  observation: Observation;
}

/**
 * Train a multinomial logistic regression on centred rows by stochastic gradient steps with momentum, from zero, on
 * batches of {@link batchRows} that are drawn anew in each epoch. The same seed gives the same bits for any number of
 * threads. Weights and logits stay finite: no step along the cross-entropy is longer than the rows are.
 *
 * @param vectors rows × cols; those in a file stay there
 * @param labels class of each row, 0 … `classes` − 1
 * @param onEpoch told after each epoch what was observed of each row when its batch came, before the weights changed; the
 * array is written again in the next
 * @throws CoresetError naming a row with a number that is not finite
 */
export async function trainEpochs(
  vectors: Vectors,
  labels: Int32Array,
  classes: number,
  { epochs, seed, observation, ...options }: EpochsOptions,
  onEpoch: (observed: Float64Array) => void,
): Promise<void> {
  const { rows, cols } = vectors;
  const { signal, onProgress } = options;
  const size = (cols + 1) * classes;
  const batch = batchRows(rows);
  const { parts, partRows } = partsOf(rows);
  const shared = (numbers: number): SharedArrayBuffer => new SharedArrayBuffer(numbers * 4);
  const data: EpochData = {
    vectors: await inTurns(shareSteps(vectors), signal),
    centring: await inTurns(centringSteps(vectors), signal),
    labels: sharedInts(rows),
    classes,
    observation,
    order: sharedInts(rows),
    step: sharedInts(1),
    weights: new Float32Array(shared(size)),
    gradients: new Float32Array(shared(parts * size)),
    observed: new Float64Array(shared(2 * rows)),
  };
  data.labels.set(labels);
  const velocity = new Float64Array(size);
  const random = seededRandom(seed, PURPOSE);
  const total = epochs * rows;
  let done = 0;
  onProgress?.({ stage: 'difficulty', done, total });
  const pool = openPool<typeof worker>(WORKER, data, options);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      data.order.set(await shuffledBatches(rows, batch, random, signal));
      for (let start = 0; start < rows; start += batch) {
        const end = Math.min(rows, start + batch);
        data.step[0]++;
        const tasks: Promise<void>[] = [];
        for (let from = start, part = 0; from < end; from += partRows, part++)
          tasks.push(pool.run('learn', { start: from, end: Math.min(end, from + partRows), part }));
        await Promise.all(tasks);
        takeStep(data, velocity, tasks.length, end - start);
        done += end - start;
        onProgress?.({ stage: 'difficulty', done, total });
      }
      onEpoch(data.observed);
    }
  } finally {
    await pool.close();
  }
}

/** Rows at random, of which each batch is ascending, as it is read from a file. */
async function shuffledBatches(
  rows: number,
  batch: number,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  const order = await inTurns(randomOrderSteps(rows, random), signal);
  for (let start = 0; start < rows; start += batch) order.subarray(start, start + batch).sort();
  return order;
}

/** v ← μ v + the mean gradient, added part by part in their order; w ← w − η v. */
function takeStep({ weights, gradients }: EpochData, velocity: Float64Array, parts: number, rows: number): void {
  const { length } = velocity;
  for (let i = 0; i < length; i++) velocity[i] *= MOMENTUM;
  for (let at = 0; at < parts * length; at += length)
    for (let i = 0; i < length; i++) velocity[i] += gradients[at + i] / rows;
  for (let i = 0; i < length; i++) weights[i] -= RATE * velocity[i];
}
