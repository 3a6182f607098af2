import { type Cost, costOf } from '@coreset/core';

/** What the time of a selector depends on. */
export interface SelectWorkload {
  rows: number;
  /** Columns of the vectors; 0 where there are none. */
  cols: number;
  /** Neighbours per row; 0 where there is no graph. */
  k: number;
  /** Rows to keep. */
  budget: number;
}

const PER_NUMBER_READ = 2e-9;
const PER_EDGE_READ = 2e-8;
const PER_ROW = 2e-7;
const BYTES_PER_ROW = 60;

/** Of all that a selector does not do itself: its input is looked over, and rows that repeat others are left out. */
export function inputCost({ rows, cols, k }: SelectWorkload): Cost {
  return costOf({
    serial: rows * (cols * PER_NUMBER_READ + k * PER_EDGE_READ + PER_ROW),
    memory: rows * BYTES_PER_ROW,
  });
}

/** Seconds per row and doubling of the rows. */
const PER_SORTED_ROW = 2e-8;

/** Of an order of all rows by one number. */
export function orderCost({ rows }: SelectWorkload): Cost {
  return costOf({ serial: rows * Math.log2(rows + 2) * PER_SORTED_ROW, memory: rows * BYTES_PER_ROW });
}

/** Per number of the vectors: loaded and scaled. */
const PER_LOADED_NUMBER = 3e-9;
/** Per number of the vectors and column: a column alone waits for memory, some at once wait less. */
const PER_COLUMN_NUMBER = { alone: 2.6e-10, together: 4.3e-11 };
/** Per row and column: what a selector does with each cosine. */
const PER_COSINE = 1.7e-9;

/**
 * Of cosines of rows to all rows, on one thread.
 * @param alone columns that are made one at a time
 * @param together columns that are made by the dozen
 */
export function cosineCost({ rows, cols }: SelectWorkload, alone: number, together = 0): Cost {
  const numbers = rows * cols;
  const products = alone * PER_COLUMN_NUMBER.alone + together * PER_COLUMN_NUMBER.together;
  return costOf({
    serial: numbers * (PER_LOADED_NUMBER + products) + rows * (alone + together) * PER_COSINE,
    memory: numbers * 4 + rows * BYTES_PER_ROW,
  });
}
