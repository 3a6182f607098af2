import { forEachBlock, type Vectors } from '@coreset/core';

/** How vectors become codes of one byte: code = round((x − mean) · scale), one scale for all columns, so that distances keep their order. */
export interface Quantiser {
  mean: Float64Array;
  scale: number;
}

/** Rows as int8 codes, with what a search by codes needs to know about each row. */
export interface Codes {
  /** rows × cols, row-major. */
  codes: Int8Array;
  /** ⌊|code|² / 2⌋ per row. */
  halfNorms: Int32Array;
  /** Euclidean distance of each row from what its codes stand for, in the units of the vectors. */
  errors: Float64Array;
}

const BLOCK_ROWS = 4096;
/** Truncation rounds to nearest once the number is shifted to be positive; several times faster than Math.round. */
const SHIFT = 128;
const HALF_UP = SHIFT + 0.5;
/** Relative slack above the float64 rounding of an error. */
const ROUNDING = 1 + 1e-9;

/**
 * Centre on the mean, which changes no distance, and scale so that the greatest number becomes `largestCode`.
 * Two passes over the vectors.
 */
export function fitQuantiser(vectors: Vectors, largestCode: number): Quantiser {
  const { rows, cols } = vectors;
  const mean = new Float64Array(cols);
  forEachBlock(vectors, BLOCK_ROWS, (block) => {
    for (let i = 0; i < block.length; i += cols) for (let c = 0; c < cols; c++) mean[c] += block[i + c];
  });
  for (let c = 0; c < cols; c++) mean[c] /= rows;
  let largest = 0;
  forEachBlock(vectors, BLOCK_ROWS, (block) => {
    for (let i = 0; i < block.length; i += cols) {
      for (let c = 0; c < cols; c++) largest = Math.max(largest, Math.abs(block[i + c] - mean[c]));
    }
  });
  return { mean, scale: largest > 0 ? largestCode / largest : 1 };
}

/** The codes of a block of rows, row-major as the vectors. */
export function encode({ mean, scale }: Quantiser, block: Float32Array, cols: number): Codes {
  const rows = block.length / cols;
  const result: Codes = {
    codes: new Int8Array(block.length),
    halfNorms: new Int32Array(rows),
    errors: new Float64Array(rows),
  };
  const { codes, halfNorms, errors } = result;
  for (let i = 0; i < rows; i++) {
    let norm = 0;
    let error = 0;
    for (let c = 0, at = i * cols; c < cols; c++, at++) {
      const value = (block[at] - mean[c]) * scale;
      const code = ((value + HALF_UP) | 0) - SHIFT;
      codes[at] = code;
      norm += code * code;
      error += (value - code) * (value - code);
    }
    halfNorms[i] = norm >> 1;
    errors[i] = (Math.sqrt(error) / scale) * ROUNDING;
  }
  return result;
}
