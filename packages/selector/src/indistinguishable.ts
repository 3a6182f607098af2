import { randomOrder, seededRandom } from '@coreset/core';
import type { Selection } from './selection.js';

/** Not the picks of the method random with the same seed. */
const OF_INDISTINGUISHABLE = 0x51f15e;

/**
 * Rows whose content is new although an earlier row has the same vector. No selector can tell them from that row, so that
 * they are kept at random, in the share that is kept of all rows.
 */
export interface Indistinguishable {
  /** Their numbers, ascending. */
  rows: Int32Array;
  /** Rows that repeat no other's content, these among them. */
  distinctContents: number;
}

/**
 * @param representative per row the first with the same vector
 * @param contentRepresentative per row the first with the same content
 */
export function indistinguishableRows(
  representative: Int32Array,
  contentRepresentative: Int32Array,
): Indistinguishable {
  let distinctContents = 0;
  const rows = contentRepresentative.filter((first, row) => {
    if (first !== row) return false;
    distinctContents++;
    return representative[row] !== row;
  });
  return { rows, distinctContents };
}

/** How many of them are among the first `budget` picks: their share of all rows, rounded down. */
export function indistinguishableBudget({ rows, distinctContents }: Indistinguishable, budget: number): number {
  const picks = Math.min(budget, distinctContents);
  return Math.floor((picks * rows.length) / distinctContents);
}

/**
 * Put them between the picks of a selection, so that each beginning of the order has its share of them.
 * @param selection picks among rows of which each has a vector of its own, spread to all rows
 * @param budget picks in all
 */
export function mixIn(
  selection: Selection,
  budget: number,
  indistinguishable: Indistinguishable,
  representative: Int32Array,
  contentRepresentative: Int32Array,
  seed: number,
): Selection {
  const { rows, distinctContents } = indistinguishable;
  const picks = Math.min(budget, distinctContents);
  const count = indistinguishableBudget(indistinguishable, picks);
  const drawn = randomOrder(rows.length, seededRandom(seed, OF_INDISTINGUISHABLE), count);
  const order = new Int32Array(picks);
  for (let p = 0, taken = 0; p < picks; p++) {
    const isDrawn = indistinguishableBudget(indistinguishable, p + 1) > taken;
    order[p] = isDrawn ? rows[drawn[taken++]] : selection.order[p - taken];
  }
  const by = selection.by.slice();
  const keptByVector = firstPicks(order, representative);
  for (let row = 0; row < by.length; row++) {
    const kept = keptByVector[representative[row]];
    if (kept >= 0) by[row] = kept;
  }
  const keptByContent = firstPicks(order, contentRepresentative);
  for (let row = 0; row < by.length; row++) {
    const kept = keptByContent[contentRepresentative[row]];
    if (kept >= 0) by[row] = kept;
  }
  return { ...selection, order, by };
}

/** Per group, told by its representative, the first pick among its rows, −1 where there is none. */
function firstPicks(order: Int32Array, representative: Int32Array): Int32Array {
  const found = new Int32Array(representative.length).fill(-1);
  for (const row of order) if (found[representative[row]] < 0) found[representative[row]] = row;
  return found;
}
