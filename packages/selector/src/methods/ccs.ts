import { CoresetError, randomOrder, requireInteger, seededRandom } from '@coreset/core';
import type { Selection } from '../selection.js';
import { greatestFirst, need, type SelectorInput, selectionFromOrder } from './input.js';

/** Options of {@link ccs}. */
export interface CcsOptions {
  /** Number of strata of equal width over the scores. Default: 50. */
  strata?: number;
  /** β: share of the hardest rows that is cut off first, in [0, 1). Default: 0. */
  cutoff?: number;
}

/** Every option of {@link CcsOptions}. */
export const CCS_OPTIONS: Readonly<Record<keyof CcsOptions, true>> = { strata: true, cutoff: true };

/** Rows that remain when the hardest share β is cut off, and those cut, hardest last. */
export function cutHardest(scores: ArrayLike<number>, cutoff: number): { remaining: Int32Array; cut: Int32Array } {
  if (!(cutoff >= 0 && cutoff < 1)) throw new CoresetError(`cutoff must be a share from 0 to below 1, got ${cutoff}`);
  const order = greatestFirst(Float64Array.from(scores), scores.length);
  const count = Math.floor(cutoff * scores.length);
  return { remaining: order.slice(count).sort(), cut: order.slice(0, count).reverse() };
}

/**
 * Coverage-centric coreset selection (Zheng et al. 2023): cut off the hardest share β, divide the rest into
 * strata of equal width, and give each stratum the same budget; what a small stratum cannot use goes to the
 * others. Taking one random row of each stratum in turn does exactly that at every budget. The rows cut off
 * come last.
 */
export function ccs(input: SelectorInput, options: CcsOptions = {}): Selection {
  const { strata = 50, cutoff = 0 } = options;
  const scores = need(input, 'scores', 'ccs');
  const { rows, budget, seed = 0 } = input;
  requireInteger('strata', strata, 1);
  const { remaining, cut } = cutHardest(scores, cutoff);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const row of remaining) {
    min = Math.min(min, scores[row]);
    max = Math.max(max, scores[row]);
  }
  const members: number[][] = Array.from({ length: strata }, () => []);
  const width = (max - min) / strata;
  for (const at of randomOrder(remaining.length, seededRandom(seed))) {
    const row = remaining[at];
    members[width > 0 ? Math.min(strata - 1, Math.floor((scores[row] - min) / width)) : 0].push(row);
  }
  const order: number[] = [];
  for (let turn = 0; order.length < remaining.length; turn++) {
    for (const stratum of members) if (turn < stratum.length) order.push(stratum[turn]);
  }
  return selectionFromOrder(Int32Array.from([...order, ...cut]).slice(0, budget), rows, Float64Array.from(scores));
}
