import { diagnose, type RunOptions, requireSeed, requireVectors, type Vectors } from '@coreset/core';
import { type Classes, numberClasses } from './classes.js';
import { batchRows, trainEpochs } from './epochs.js';
import { MEASURES, type TrainingMeasure } from './measures.js';

/** What a training said of rows. */
export interface TrainingDifficulty {
  /** Higher is harder; finite, not scaled. */
  hardness: Float64Array;
  classes: Classes;
}

/**
 * A measure of training dynamics.
 * @param labels class of each row, a whole number from 0 on
 * @param source what they are, for messages and diagnostics
 * @throws CoresetError when labels are not such that a training can learn them, or a number is not finite
 */
export async function trainingDifficulty(
  vectors: Vectors,
  labels: ArrayLike<number>,
  measure: TrainingMeasure,
  source: 'labels' | 'pseudo-labels',
  { seed = 0, ...options }: RunOptions & { seed?: number },
): Promise<TrainingDifficulty> {
  requireVectors(vectors);
  requireSeed(seed);
  const classes = numberClasses(labels, vectors.rows, source);
  const { observes, epochs, follow } = MEASURES[measure];
  const follower = follow(vectors.rows);
  const { threads, signal, onProgress } = options;
  const training = { epochs, seed, observation: observes, threads, signal, onProgress };
  await trainEpochs(vectors, classes.of, classes.count, training, follower.add);
  diagnose(options, 'difficulty', {
    source: 'training dynamics',
    measure,
    classesFrom: source,
    classes: classes.count,
    epochs,
    batchRows: batchRows(vectors.rows),
    seed,
  });
  return { hardness: follower.difficulty(), classes };
}
