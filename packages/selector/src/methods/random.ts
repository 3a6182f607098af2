import { randomOrder, type Steps, seededRandom } from '@coreset/core';
import type { Selection } from '../selection.js';
import { type SelectorInput, selectionFromOrder } from './input.js';

/** Rows at random: the baseline that every method has to beat. */
// biome-ignore lint/correctness/useYield: one step
export function* random({ rows, budget, seed = 0 }: SelectorInput): Steps<Selection> {
  return selectionFromOrder(randomOrder(rows, seededRandom(seed), budget), rows, new Float64Array(rows));
}
