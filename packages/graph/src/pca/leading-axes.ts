import { normaliseRows, seededRandom } from '@coreset/core';
import { compileModel, floatTensor, residualModel, symmetricProductModel } from '@coreset/kernels';

/** Products of codes take sixteen columns or more at a time, so axes are found sixteen at a time. */
const AXES_AT_ONCE = 16;
/** Each step of power iteration lessens what directions of little variance have in the axes; four steps find no fewer axes. */
const POWER_STEPS = 2;
/** Added to every variance, as a share of the mean variance: so no direction has none, and every axis can get length 1. */
const RIDGE = 1e-6;

/**
 * Orthonormal axes that keep a share of the variance, sixteen at a time by falling variance: the adaptive randomised range
 * finder with power iteration of Halko, Martinsson and Tropp (2011, algorithms 4.2 and 4.4), seeded.
 *
 * @param covariance cols × cols, symmetric
 * @param most axes that are worth having
 * @returns axes × cols; undefined if it takes more than `most`, or nothing varies
 */
export async function leadingAxes(
  covariance: Float32Array,
  cols: number,
  share: number,
  most: number,
): Promise<Float32Array | undefined> {
  let variance = 0;
  for (let c = 0; c < cols; c++) variance += covariance[c * cols + c];
  const axes = new Float32Array(Math.floor(most / AXES_AT_ONCE) * AXES_AT_ONCE * cols);
  const timesCovariance = await productWith(covariance, cols);
  const residual = await residuals(cols);
  const random = seededRandom(0);
  const ridge = (RIDGE * variance) / cols;
  let found = 0;
  for (let kept = 0; kept < share * variance; found += AXES_AT_ONCE * cols) {
    if (found === axes.length) return undefined;
    const earlier = axes.subarray(0, found);
    let next: Float32Array = Float32Array.from({ length: AXES_AT_ONCE * cols }, () => random.uniform() - 0.5);
    for (let step = 0; step < POWER_STEPS; step++) {
      const image = await timesCovariance(next);
      for (let i = 0; i < image.length; i++) image[i] += ridge * next[i];
      next = orthonormal(await residual(image, earlier), cols);
    }
    // Where little is left of a row, rounding leaves a part along the earlier axes.
    next = orthonormal(await residual(next, earlier), cols);
    const image = await timesCovariance(next);
    for (let i = 0; i < next.length; i++) kept += next[i] * image[i];
    axes.set(next, found);
  }
  return found === 0 ? undefined : axes.slice(0, found);
}

/** Products of rows with a symmetric matrix. */
export async function productWith(
  matrix: Float32Array,
  cols: number,
): Promise<(rows: Float32Array) => Promise<Float32Array>> {
  const model = await compileModel(symmetricProductModel(cols));
  const symmetric = floatTensor(matrix, [cols, cols]);
  return async (rows) => {
    const { products } = await model.run({ symmetric, rows: floatTensor(rows, [rows.length / cols, cols]) });
    return products.data as Float32Array;
  };
}

/** What is left of rows when their parts along orthonormal axes are subtracted. */
async function residuals(cols: number): Promise<(rows: Float32Array, axes: Float32Array) => Promise<Float32Array>> {
  const model = await compileModel(residualModel(cols));
  return async (rows, axes) => {
    if (axes.length === 0) return rows;
    const { rest } = await model.run({
      rows: floatTensor(rows, [rows.length / cols, cols]),
      axes: floatTensor(axes, [axes.length / cols, cols]),
    });
    return rest.data as Float32Array;
  };
}

/** Gram-Schmidt in place, each row twice, since rounding leaves a part the first time. */
export function orthonormal(rows: Float32Array, cols: number): Float32Array {
  for (let row = 0; row < rows.length; row += cols) {
    for (let earlier = 0; earlier < 2 * row; earlier += cols) subtractPart(rows, row, earlier % row, cols);
    normaliseRows(rows.subarray(row, row + cols), cols);
  }
  return rows;
}

/** Subtract from a row its part along an axis. */
function subtractPart(rows: Float32Array, row: number, axis: number, cols: number): void {
  let along = 0;
  for (let c = 0; c < cols; c++) along += rows[row + c] * rows[axis + c];
  for (let c = 0; c < cols; c++) rows[row + c] -= along * rows[axis + c];
}
