import { addCosts, type Cost, costOf, requireInteger, THREADS_START } from '@coreset/core';
import { defaultPrototypes } from './kmeans.js';
import { trainingCost } from './logistic/cost.js';
import { type DifficultyKind, defaultPseudoClasses } from './scores.js';

/** What the time of `difficultyScores` depends on. */
export interface DifficultyWorkload {
  rows: number;
  cols: number;
  /** Default: as many as k-means takes by itself. */
  prototypes?: number;
  /** Default: `prototype`. */
  difficulty?: DifficultyKind;
  /** Classes of labels; default: there are none, and prototypes are pseudo-classes where classes are needed. */
  classes?: number;
}

/** Some before the most, since the next would lower the inertia by little. */
const ITERATIONS = 15;
const TRAINING_ROWS_PER_PROTOTYPE = 256;
/** Of a row with a prototype, per column: by codes in training, with what else goes with it; by floats in the end. */
const PER_TRAINING_PRODUCT = { codes: 1 / 280e9, other: 1 / 280e9 };
const PER_FLOAT_PRODUCT = 1 / 90e9;
/** Per number of the training rows, which are loaded before the threads begin. */
const PER_LOADED_NUMBER = 2e-9;
const BYTES = { trainingNumber: 5, row: 24, score: 8 };

/**
 * embeddings → difficulty: k-means on a sample, whose size is limited by the number of prototypes, and one product of
 * every row with every prototype; or, and of rows without labels besides, the epochs of a logistic regression.
 * @throws CoresetError when the prototypes are no whole number from 1 on
 */
export function difficultyCost({ rows, cols, prototypes, difficulty, classes }: DifficultyWorkload): Cost {
  if (difficulty === undefined || difficulty === 'prototype') return prototypeCost(rows, cols, prototypes);
  if (classes !== undefined) return trainingCost({ rows, cols, classes, measure: difficulty });
  const pseudoClasses = Math.min(rows, prototypes ?? defaultPseudoClasses(rows));
  const { disk: _, ...pseudoLabels } = prototypeCost(rows, cols, pseudoClasses);
  return addCosts(costOf(pseudoLabels), trainingCost({ rows, cols, classes: pseudoClasses, measure: difficulty }));
}

function prototypeCost(rows: number, cols: number, prototypes: number | undefined): Cost {
  const wanted = prototypes ?? defaultPrototypes(rows);
  requireInteger('prototypes', wanted, 1);
  const count = Math.min(rows, wanted);
  const training = Math.min(rows, TRAINING_ROWS_PER_PROTOTYPE * count);
  const trained = ITERATIONS * training * count * cols;
  return costOf({
    codes: trained * PER_TRAINING_PRODUCT.codes,
    parallel: trained * PER_TRAINING_PRODUCT.other + rows * count * cols * PER_FLOAT_PRODUCT,
    serial: 2 * THREADS_START + training * cols * PER_LOADED_NUMBER,
    memory: training * cols * BYTES.trainingNumber + rows * BYTES.row,
    disk: rows * BYTES.score,
  });
}
