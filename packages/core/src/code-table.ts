import { type Quantiser, ZERO_POINT } from './quantise.js';

/** All rows as codes, in memory that all threads share; place p holds whatever row was put there. */
export interface CodeTable {
  /** The codes plus the zero point, rows × cols. */
  codes: Uint8Array;
  /** ⌊|code|² / 2⌋ per place. */
  halfNorms: Int32Array;
  quantiser: Quantiser;
  rows: number;
  cols: number;
  /** Per place the Euclidean distance of its row from what the codes stand for, never too small. */
  errors: Float32Array;
}

/** The longest typed array of Node 20. */
const MAX_BYTES = 2 ** 32 - 1;
/** Sums of products of more codes could overflow 32 bits. */
const MAX_COLS = 60_000;

/** @returns undefined if the codes would not fit: more than 4 GiB, or very long rows */
export function createCodeTable(rows: number, quantiser: Quantiser): CodeTable | undefined {
  const cols = quantiser.mean.length;
  if (rows * cols > MAX_BYTES || cols > MAX_COLS) return undefined;
  return {
    codes: new Uint8Array(new SharedArrayBuffer(rows * cols)),
    halfNorms: new Int32Array(new SharedArrayBuffer(rows * 4)),
    quantiser,
    rows,
    cols,
    errors: new Float32Array(new SharedArrayBuffer(rows * 4)),
  };
}

/** Truncation rounds to nearest once the zero point has made the number positive; several times faster than Math.round. */
const HALF_UP = ZERO_POINT + 0.5;
/** Relative slack above the rounding of an error, in float64 and then to float32. */
const ROUNDING = 1 + 1e-6;

/** Put consecutive rows of vectors at consecutive places. */
export function encodeInto(table: CodeTable, values: Float32Array, place: number): void {
  const { codes, halfNorms, cols, errors } = table;
  const { mean, scale, largestCode } = table.quantiser;
  const least = ZERO_POINT - largestCode;
  const greatest = ZERO_POINT + largestCode;
  for (let from = 0, p = place, to = place * cols; from < values.length; p++) {
    let norm = 0;
    let error = 0;
    for (let c = 0; c < cols; c++, from++, to++) {
      const value = (values[from] - mean[c]) * scale;
      const stored = Math.max(least, Math.min(greatest, (value + HALF_UP) | 0));
      const code = stored - ZERO_POINT;
      codes[to] = stored;
      norm += code * code;
      error += (value - code) * (value - code);
    }
    halfNorms[p] = norm >> 1;
    errors[p] = (Math.sqrt(error) / scale) * ROUNDING;
  }
}

/** Move the codes so that place p holds what was at place `from[p]`, a permutation of the first places. */
export function arrangeCodes({ codes, halfNorms, errors, cols }: CodeTable, from: Int32Array): void {
  const arranged = new Uint8Array(from.length);
  for (let start = 0; start < from.length; start++) {
    if (arranged[start] === 1) continue;
    const first = codes.slice(start * cols, (start + 1) * cols);
    const [firstHalfNorm, firstError] = [halfNorms[start], errors[start]];
    let place = start;
    for (; from[place] !== start; place = from[place]) {
      const next = from[place];
      codes.copyWithin(place * cols, next * cols, (next + 1) * cols);
      halfNorms[place] = halfNorms[next];
      errors[place] = errors[next];
      arranged[place] = 1;
    }
    codes.set(first, place * cols);
    halfNorms[place] = firstHalfNorm;
    errors[place] = firstError;
    arranged[place] = 1;
  }
}
