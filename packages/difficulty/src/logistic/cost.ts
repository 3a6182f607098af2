import { type Cost, costOf, THREADS_START } from '@coreset/core';
import { partsOf } from './epochs.js';
import { MEASURES, type TrainingMeasure } from './measures.js';

/** What the time of a training depends on. */
export interface TrainingWorkload {
  rows: number;
  cols: number;
  classes: number;
  measure: TrainingMeasure;
}

/** Of each epoch: per row, column and class both products; per number of a row; per row and class what is observed; per row that is read. */
const PER_PRODUCTS = 5e-11;
const PER_NUMBER = 3.8e-9;
const PER_OBSERVED = 2e-9;
const PER_ROW = 1e-6;
/** Of each step: per weight and part of the batch, and two more; per part what it takes to hand it to a thread. */
const PER_ADDED_WEIGHT = 2.5e-9;
const PER_PART = 4e-5;
const PER_SHUFFLED_ROW = 1e-7;
/** Of mean and scale, before the first epoch. */
const PER_CENTRED_NUMBER = 6e-9;
const BYTES = { row: 50, weight: 16, gradient: 4, score: 8 };

/** The epochs of a logistic regression, which is linear in rows, columns and classes. */
export function trainingCost({ rows, cols, classes, measure }: TrainingWorkload): Cost {
  const { epochs } = MEASURES[measure];
  const { steps, parts } = partsOf(rows);
  const weights = (cols + 1) * classes;
  const ofEpoch = rows * (weights * PER_PRODUCTS + cols * PER_NUMBER + classes * PER_OBSERVED + PER_ROW);
  const ofStep = weights * (parts + 2) * PER_ADDED_WEIGHT + parts * PER_PART;
  return costOf({
    parallel: epochs * ofEpoch,
    serial: THREADS_START + rows * cols * PER_CENTRED_NUMBER + epochs * (steps * ofStep + rows * PER_SHUFFLED_ROW),
    memory: rows * BYTES.row + weights * (BYTES.weight + parts * BYTES.gradient),
    disk: rows * BYTES.score,
  });
}
