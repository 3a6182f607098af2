import { CoresetError } from '../errors/error.js';
import { sharedFloats } from './shared-memory.js';

/**
 * A row-major float32 matrix: row i is `data[i * cols]` to `data[(i + 1) * cols - 1]`.
 *
 * It is the one type that crosses every border between stages. `data` may lie in shared memory.
 */
export interface Matrix {
  data: Float32Array;
  rows: number;
  cols: number;
}

/** A zeroed matrix in shared memory, so that worker threads read it without a copy. */
export function createMatrix(rows: number, cols: number): Matrix {
  return { data: sharedFloats(rows * cols), rows, cols };
}

/**
 * Wrap an array as a matrix without copying.
 * @throws CoresetError when the length is not `rows * cols`
 */
export function matrixOf(data: Float32Array, rows: number, cols: number): Matrix {
  if (data.length !== rows * cols) {
    throw new CoresetError(`a ${rows} × ${cols} matrix needs ${rows * cols} numbers, got ${data.length}`);
  }
  return { data, rows, cols };
}

/** @throws CoresetError unless it is a float32 matrix of as many numbers as its rows and columns have */
export function requireMatrix({ data, rows, cols }: Matrix): void {
  if (!(data instanceof Float32Array))
    throw new CoresetError('the data of a matrix are a Float32Array; matrixFrom makes one of lists of numbers');
  if (!Number.isSafeInteger(rows) || !Number.isSafeInteger(cols) || rows < 0 || cols < 1 || data.length !== rows * cols)
    throw new CoresetError(
      `a matrix has rows × cols numbers, each a whole number; ${String(rows)} × ${String(cols)} are not the ${data.length} there are`,
    );
}

/** Copy nested arrays into a matrix; for small inputs and notebooks. */
export function matrixFrom(vectors: ArrayLike<number>[]): Matrix {
  const cols = vectors[0]?.length ?? 0;
  const result = createMatrix(vectors.length, cols);
  for (let i = 0; i < vectors.length; i++) {
    if (vectors[i].length !== cols) {
      throw new CoresetError(
        `row ${i} has ${vectors[i].length} numbers, row 0 has ${cols}; all rows need the same length`,
      );
    }
    result.data.set(vectors[i], i * cols);
  }
  return result;
}

/** Row i as a view on the matrix, not a copy. */
export function rowOf(matrix: Matrix, i: number): Float32Array {
  return matrix.data.subarray(i * matrix.cols, (i + 1) * matrix.cols);
}

/** A mask of the rows 0 … rows − 1 with 1 for each listed one. */
export function rowMask(rows: number, listed: ArrayLike<number>): Uint8Array {
  const mask = new Uint8Array(rows);
  for (let i = 0; i < listed.length; i++) mask[listed[i]] = 1;
  return mask;
}

/** Per row of 0 … rows − 1 its place in a list of rows, the last of several; −1 where it is not listed. */
export function rowPlaces(rows: number, listed: ArrayLike<number>): Int32Array {
  const places = new Int32Array(rows).fill(-1);
  for (let i = 0; i < listed.length; i++) places[listed[i]] = i;
  return places;
}

/** The listed rows, copied in the order given. */
export function takeRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  const { data, cols } = matrix;
  const result = createMatrix(rows.length, cols);
  for (let i = 0; i < rows.length; i++) {
    result.data.set(data.subarray(rows[i] * cols, (rows[i] + 1) * cols), i * cols);
  }
  return result;
}

/** The mean of the rows of `data`, summed in float64. */
export function meanRow(data: Float32Array, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  for (let start = 0; start < data.length; start += cols) for (let c = 0; c < cols; c++) sums[c] += data[start + c];
  const rows = data.length / cols;
  return sums.map((sum) => sum / rows);
}

/** Subtract `row` from each row of `data`, in place. */
export function subtractRow(data: Float32Array, row: Float64Array): void {
  const cols = row.length;
  for (let start = 0; start < data.length; start += cols) for (let c = 0; c < cols; c++) data[start + c] -= row[c];
}

/** Scale each row of `data` to Euclidean length 1, in place; an all-zero row stays as it is. */
export function normaliseRows(data: Float32Array, cols: number): void {
  for (let start = 0; start < data.length; start += cols) {
    let sum = 0;
    for (let c = start; c < start + cols; c++) sum += data[c] * data[c];
    if (sum === 0) continue;
    const scale = 1 / Math.sqrt(sum);
    for (let c = start; c < start + cols; c++) data[c] *= scale;
  }
}

/** The sum of the squares of the numbers `start` … `end` − 1. */
export function sumOfSquares(data: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += data[i] * data[i];
  return sum;
}

/** Squared Euclidean distance of row i of `a` and row j of `b`, accumulated in float64. */
export function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, cols: number): number {
  // Four sums, since one addition would wait for the one before it.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let atA = i * cols;
  let atB = j * cols;
  const end = atA + cols;
  for (const end4 = end - (cols & 3); atA < end4; atA += 4, atB += 4) {
    const d0 = a[atA] - b[atB];
    const d1 = a[atA + 1] - b[atB + 1];
    const d2 = a[atA + 2] - b[atB + 2];
    const d3 = a[atA + 3] - b[atB + 3];
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  for (; atA < end; atA++, atB++) {
    const d = a[atA] - b[atB];
    sum0 += d * d;
  }
  return sum0 + sum1 + (sum2 + sum3);
}
