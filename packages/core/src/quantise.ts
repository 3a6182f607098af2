import { forEachBlock, type Vectors } from './vectors.js';

/** How vectors become codes of one byte: code = round((x − mean) · scale), one scale for all columns, so that distances keep their order. */
export interface Quantiser {
  mean: Float64Array;
  scale: number;
  /** Codes beyond ± this are cut off. */
  largestCode: number;
}

/** onnxruntime's fast integer products take the left side unsigned, so codes are stored with this added. */
export const ZERO_POINT = 128;

/** Rows as one-byte codes, with what a search by codes needs to know about each row. */
export interface Codes {
  /** Codes plus {@link ZERO_POINT}, rows × cols. */
  codes: Uint8Array;
  /** ⌊|code|² / 2⌋ per row. */
  halfNorms: Int32Array;
  /** Euclidean distance of each row from what its codes stand for, in the units of the vectors. */
  errors: Float64Array;
}

const BLOCK_ROWS = 4096;
/** Truncation rounds to nearest once the zero point has made the number positive; several times faster than Math.round. */
const HALF_UP = ZERO_POINT + 0.5;
/** Relative slack above the float64 rounding of an error. */
const ROUNDING = 1 + 1e-9;

/** Centre on the mean, which changes no distance, and scale so that the greatest number becomes `largestCode`. */
export function fitQuantiser(vectors: Vectors, largestCode: number): Quantiser {
  const { rows, cols } = vectors;
  const mean = new Float64Array(cols);
  const least = new Float64Array(cols).fill(Number.POSITIVE_INFINITY);
  const greatest = new Float64Array(cols).fill(Number.NEGATIVE_INFINITY);
  forEachBlock(vectors, BLOCK_ROWS, (block) => {
    for (let i = 0; i < block.length; i += cols) {
      for (let c = 0; c < cols; c++) {
        const value = block[i + c];
        mean[c] += value;
        if (value < least[c]) least[c] = value;
        if (value > greatest[c]) greatest[c] = value;
      }
    }
  });
  let largest = 0;
  for (let c = 0; c < cols; c++) {
    mean[c] /= rows;
    largest = Math.max(largest, greatest[c] - mean[c], mean[c] - least[c]);
  }
  return { mean, scale: largest > 0 ? largestCode / largest : 1, largestCode };
}

/** The codes of a block of rows, row-major as the vectors. */
export function encode({ mean, scale, largestCode }: Quantiser, block: Float32Array, cols: number): Codes {
  const rows = block.length / cols;
  const result: Codes = {
    codes: new Uint8Array(block.length),
    halfNorms: new Int32Array(rows),
    errors: new Float64Array(rows),
  };
  const { codes, halfNorms, errors } = result;
  const least = ZERO_POINT - largestCode;
  const greatest = ZERO_POINT + largestCode;
  for (let i = 0; i < rows; i++) {
    let norm = 0;
    let error = 0;
    for (let c = 0, at = i * cols; c < cols; c++, at++) {
      const value = (block[at] - mean[c]) * scale;
      const stored = Math.max(least, Math.min(greatest, (value + HALF_UP) | 0));
      const code = stored - ZERO_POINT;
      codes[at] = stored;
      norm += code * code;
      error += (value - code) * (value - code);
    }
    halfNorms[i] = norm >> 1;
    errors[i] = (Math.sqrt(error) / scale) * ROUNDING;
  }
  return result;
}

/**
 * The least that the Euclidean distance of two rows can be: that of their codes, less the errors of both.
 *
 * @param halfNorm of one row's codes
 * @param score product of both codes less half the squared norm of the other's; the halves were rounded down, so that
 * the result is never too much
 */
export function leastDistance({ scale }: Quantiser, halfNorm: number, score: number, errors: number): number {
  return Math.sqrt(Math.max(0, 2 * (halfNorm - score))) / scale - errors;
}
