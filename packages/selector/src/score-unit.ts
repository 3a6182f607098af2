import { inParts, type Steps } from '@coreset/core';

/** With scores up to this, products of two of them and sums over all rows stay finite. */
const GREATEST = 2 ** 480;
/** A power of two, by which scores are divided without rounding. */
const LARGE_UNIT = 2 ** 600;

/** Scores in a unit in which sums, differences and products of them are finite. */
export interface ScaledScores {
  values: ArrayLike<number>;
  /** What 1 stands for: 1, or a power of two. */
  unit: number;
}

/** Scores as they are, or, where some are enormous, all divided by a power of two. */
export function* scaledScores(scores: ArrayLike<number>): Steps<ScaledScores> {
  let greatest = 0;
  yield* inParts(scores.length, (start, end) => {
    for (let i = start; i < end; i++) greatest = Math.max(greatest, Math.abs(scores[i]));
  });
  if (greatest <= GREATEST) return { values: scores, unit: 1 };
  const values = new Float64Array(scores.length);
  yield* inParts(scores.length, (start, end) => {
    for (let i = start; i < end; i++) values[i] = scores[i] / LARGE_UNIT;
  });
  return { values, unit: LARGE_UNIT };
}

/** Multiply values by the unit, in place; what overflows becomes the greatest number. */
export function inScoreUnit(values: Float64Array, unit: number): Float64Array {
  if (unit !== 1) {
    for (let i = 0; i < values.length; i++)
      values[i] = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, values[i] * unit));
  }
  return values;
}
