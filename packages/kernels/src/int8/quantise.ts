import { blockSteps, gatherRows, inOneGo, meanRow, type Steps, type Vectors } from '@coreset/core';
import { NO_SCORE } from './candidate-lists.js';

/** How vectors become codes of one byte: code = round((x − mean) · scale), one scale for all columns, so that distances keep their order. */
export interface Quantiser {
  mean: Float64Array;
  scale: number;
  /** Codes beyond ± this are cut off. */
  qmax: number;
}

/** Codes are stored with this added: the fast integer products of onnxruntime take the left side unsigned. */
export const ZERO_POINT = 128;

const BLOCK_ROWS = 256;
const MEAN_ROWS = 512;
/**
 * Centre on the mean of some rows, which changes no distance, and scale so that the number farthest from the mean becomes
 * `qmax`.
 */
export function fitQuantiser(vectors: Vectors, qmax: number): Quantiser {
  return inOneGo(quantiserSteps(vectors, qmax));
}

/** {@link fitQuantiser} in steps. */
export function* quantiserSteps(vectors: Vectors, qmax: number): Steps<Quantiser> {
  const mean = meanOfSome(vectors);
  let largest = 0;
  yield* blockSteps(vectors, BLOCK_ROWS, (block) => {
    largest = Math.max(largest, farthestFrom(mean, block));
  });
  return { mean, scale: largest > 0 ? qmax / largest : 1, qmax };
}

/** A function of its own, whose numbers stay in registers. */
function farthestFrom(mean: Float64Array, block: Float32Array): number {
  let farthest = 0;
  for (let i = 0; i < block.length; ) {
    for (let c = 0; c < mean.length; c++, i++) {
      const distance = Math.abs(block[i] - mean[c]);
      if (distance > farthest) farthest = distance;
    }
  }
  return farthest;
}

/** Of rows at equal steps. */
function meanOfSome(vectors: Vectors): Float64Array {
  const { rows, cols } = vectors;
  const step = Math.ceil(rows / MEAN_ROWS);
  const { data } = gatherRows(
    vectors,
    Int32Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step),
  );
  return meanRow(data, cols);
}

/**
 * The least that the Euclidean distance of two rows can be: that of their codes, less the errors of both.
 *
 * @param normTerm of one row's codes
 * @param score product of both codes less half the squared norm of the other's; the halves were rounded down, so that
 * the result is never too much
 */
export function leastDistance({ scale }: Quantiser, normTerm: number, score: number, errors: number): number {
  return Math.sqrt(Math.max(0, 2 * (normTerm - score))) / scale - errors;
}

/** No row of a lower score can be at this distance, which may be ∞, or nearer; the inverse of {@link leastDistance}. */
export function leastScore({ scale }: Quantiser, normTerm: number, distance: number, errors: number): number {
  return Math.max(NO_SCORE, Math.floor(normTerm - ((distance + errors) * scale) ** 2 / 2) - 1);
}
