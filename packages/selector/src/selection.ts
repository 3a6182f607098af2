import { CoresetError, formatCount, requireInteger, showAs } from '@coreset/core';

/** What a selector decided. */
export interface Selection {
  /** The rows kept, in the order they were picked: unless the method's order is made for the budget, the first B are the selection at budget B. */
  order: Int32Array;
  /** Number of rows selected from. */
  rows: number;
  /**
   * Per row its score for the method when the selection ended; of a kept row when it was picked, which is what it gained. 0 of
   * rows that took no part.
   */
  scores: Float64Array;
}

const FIRST_PICKS = 5;

/** In a notebook as a line. @returns the same */
export function shownSelection(selection: Selection): Selection {
  return showAs(selection, () => {
    const { order, rows } = selection;
    const first = Array.from(order.subarray(0, FIRST_PICKS)).join(', ');
    return {
      'text/plain': `selection: ${formatCount(order.length)} of ${formatCount(rows)} rows, first of all ${first}`,
    };
  });
}

/** The rows kept, in ascending order. */
export function keptRows(selection: Selection): Int32Array {
  return selection.order.slice().sort();
}

/** @throws CoresetError unless 1 ≤ budget ≤ rows */
export function requireBudget(budget: number, rows: number): void {
  requireInteger('rows', rows, 1);
  if (!Number.isInteger(budget) || budget < 1 || budget > rows) {
    throw new CoresetError(`the budget must be a whole number of rows from 1 to ${rows}, got ${budget}`);
  }
}
