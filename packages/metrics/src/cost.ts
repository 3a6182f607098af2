import { type Cost, costOf } from '@coreset/core';
import { curveSample } from './coverage-curves.js';

/** What the time of `coverageCurves` depends on. */
export interface CurvesWorkload {
  rows: number;
  cols: number;
  /** Picks of each order. */
  picks: number;
  /** Orders that are compared. */
  orders: number;
}

/** Of a picked row with a row of the sample, per column; the least distance of the two is kept beside it. */
const PER_PRODUCT = 4e-11;
const BYTES_PER_ROW = 30;

/** Products of the rows that any order picks with a sample, which is the smaller the more they are. */
export function coverageCurvesCost({ rows, cols, picks, orders }: CurvesWorkload): Cost {
  const numbers = Math.min(rows, orders * picks) * cols;
  return costOf({ serial: numbers * curveSample(numbers) * PER_PRODUCT, memory: rows * BYTES_PER_ROW });
}
