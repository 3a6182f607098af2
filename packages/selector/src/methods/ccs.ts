import {
  CoresetError,
  fallingOrder,
  inParts,
  randomOrderSteps,
  range,
  requireInteger,
  rowMask,
  type Steps,
  seededRandom,
  withDefaults,
} from '@coreset/core';
import { OrderPicker, type Picker } from '../picker.js';
import { roundRobin } from '../round-robin.js';
import { scaledScores } from '../score-unit.js';
import { need, type SelectorInput } from './input.js';

/** Options of {@link ccs}. */
export interface CcsOptions {
  /** Number of strata of equal width over the scores. Default: 50. */
  strata?: number;
  /** β: share of the hardest rows that is cut off first, in [0, 1). Default: 0. */
  cutoff?: number;
}

/** What {@link CcsOptions} are where they are not given. */
export const CCS_DEFAULTS: Required<CcsOptions> = { strata: 50, cutoff: 0 };

/** Every option of {@link CcsOptions}. */
export const CCS_OPTIONS: Readonly<Record<keyof CcsOptions, true>> = { strata: true, cutoff: true };

/** Rows that remain when the hardest share β is cut off, and those cut, hardest last. */
export function* cutHardest(
  scores: ArrayLike<number>,
  cutoff: number,
): Steps<{ remaining: Int32Array; cut: Int32Array }> {
  if (!(cutoff >= 0 && cutoff < 1)) throw new CoresetError(`cutoff must be a share from 0 to below 1, got ${cutoff}`);
  const order = yield* fallingOrder(scores);
  const count = Math.floor(cutoff * scores.length);
  const cut = order.slice(0, count).reverse();
  const isCut = rowMask(scores.length, cut);
  yield;
  return { remaining: range(0, scores.length).filter((row) => isCut[row] === 0), cut };
}

/**
 * Coverage-centric coreset selection (Zheng et al. 2023): cut off the hardest share β, divide the rest into
 * strata of equal width, and give each stratum the same budget; what a small stratum cannot use goes to the
 * others. Taking one random row of each stratum in turn does exactly that at every budget. The rows cut off
 * come last.
 */
export function* ccs(input: SelectorInput, options: CcsOptions = {}): Steps<Picker> {
  const { strata, cutoff } = withDefaults(options, CCS_DEFAULTS);
  const scores = need(input, 'scores', 'ccs');
  const { rows, seed = 0 } = input;
  requireInteger('strata', strata, 1);
  const { remaining, cut } = yield* cutHardest(scores, cutoff);
  const { values } = yield* scaledScores(scores);
  const shuffled = (yield* randomOrderSteps(remaining.length, seededRandom(seed))).map((at) => remaining[at]);
  yield;
  const order = new Int32Array(rows);
  order.set(yield* roundRobin(yield* byStratum(values, shuffled, strata)));
  order.set(cut, remaining.length);
  return new OrderPicker(order, Float64Array.from(scores));
}

/** The rows of each stratum that has any, in the order given; strata of rising score. */
function* byStratum(scores: ArrayLike<number>, rows: Int32Array, strata: number): Steps<number[][]> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    min = Math.min(min, scores[row]);
    max = Math.max(max, scores[row]);
  }
  const width = (max - min) / strata;
  const members = new Map<number, number[]>();
  yield* inParts(rows.length, (start, end) => {
    for (const row of rows.subarray(start, end)) {
      const stratum = width > 0 ? Math.min(strata - 1, Math.floor((scores[row] - min) / width)) : 0;
      const others = members.get(stratum);
      if (others) others.push(row);
      else members.set(stratum, [row]);
    }
  });
  return Array.from(members.keys())
    .sort((a, b) => a - b)
    .map((stratum) => members.get(stratum) ?? []);
}
