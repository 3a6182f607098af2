import { normaliseRows, seededRandom } from '@coreset/core';
import { compileModel, ElementType, floatTensor, type ModelSpec } from '@coreset/kernels';

/** Processors multiply codes by the sixteen or more, so axes are found by as many. */
const AXES_AT_ONCE = 16;
/** Each lessens what weaker directions have in the axes; with two they are as few as with four. */
const POWER_STEPS = 2;
/** Of the mean variance, so that no direction has none and every axis gets length 1. */
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
  const spread = await covarianceProduct(covariance, cols);
  const awayFrom = await awayFromAxes(cols);
  const random = seededRandom(0);
  const ridge = (RIDGE * variance) / cols;
  let found = 0;
  for (let kept = 0; kept < share * variance; found += AXES_AT_ONCE * cols) {
    if (found === axes.length) return undefined;
    const earlier = axes.subarray(0, found);
    let next: Float32Array = Float32Array.from({ length: AXES_AT_ONCE * cols }, () => random.uniform() - 0.5);
    for (let step = 0; step < POWER_STEPS; step++) {
      const image = await spread(next);
      for (let i = 0; i < image.length; i++) image[i] += ridge * next[i];
      next = orthonormal(await awayFrom(earlier, image), cols);
    }
    // Once is not enough where little was left.
    next = orthonormal(await awayFrom(earlier, next), cols);
    const image = await spread(next);
    for (let i = 0; i < next.length; i++) kept += next[i] * image[i];
    axes.set(next, found);
  }
  return found === 0 ? undefined : axes.slice(0, found);
}

/** Products of rows with the covariance. */
async function covarianceProduct(
  covariance: Float32Array,
  cols: number,
): Promise<(rows: Float32Array) => Promise<Float32Array>> {
  const kernel = await compileModel(covarianceProductModel(cols));
  const all = floatTensor(covariance, [cols, cols]);
  return async (rows) => {
    const { images } = await kernel.run({ covariance: all, rows: floatTensor(rows, [rows.length / cols, cols]) });
    return images.data as Float32Array;
  };
}

/** The covariance is the left side, which is not copied at each run. */
function covarianceProductModel(cols: number): ModelSpec {
  return {
    name: 'spread',
    inputs: [
      { name: 'covariance', type: ElementType.float32, shape: [cols, cols] },
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
    ],
    outputs: [{ name: 'images', type: ElementType.float32, shape: ['m', cols] }],
    nodes: [
      { op: 'Gemm', inputs: ['covariance', 'rows'], outputs: ['turned'], attributes: { transB: 1 } },
      { op: 'Transpose', inputs: ['turned'], outputs: ['images'], attributes: { perm: [1, 0] } },
    ],
  };
}

/** What is left of rows without their part along the axes. */
async function awayFromAxes(cols: number): Promise<(axes: Float32Array, rows: Float32Array) => Promise<Float32Array>> {
  const kernel = await compileModel(restModel(cols));
  return async (axes, rows) => {
    if (axes.length === 0) return rows;
    const { rest } = await kernel.run({
      rows: floatTensor(rows, [rows.length / cols, cols]),
      axes: floatTensor(axes, [axes.length / cols, cols]),
    });
    return rest.data as Float32Array;
  };
}

function restModel(cols: number): ModelSpec {
  return {
    name: 'rest',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
      { name: 'axes', type: ElementType.float32, shape: ['n', cols] },
    ],
    outputs: [{ name: 'rest', type: ElementType.float32, shape: ['m', cols] }],
    nodes: [
      { op: 'Gemm', inputs: ['rows', 'axes'], outputs: ['along'], attributes: { transB: 1 } },
      { op: 'Gemm', inputs: ['along', 'axes', 'rows'], outputs: ['rest'], attributes: { alpha: { float: -1 } } },
    ],
  };
}

/** Gram and Schmidt, in place, twice, since once leaves what rounding did. */
function orthonormal(rows: Float32Array, cols: number): Float32Array {
  for (let row = 0; row < rows.length; row += cols) {
    for (let earlier = 0; earlier < 2 * row; earlier += cols) subtractPart(rows, row, earlier % row, cols);
    normaliseRows(rows.subarray(row, row + cols), cols);
  }
  return rows;
}

function subtractPart(rows: Float32Array, row: number, axis: number, cols: number): void {
  let along = 0;
  for (let c = 0; c < cols; c++) along += rows[row + c] * rows[axis + c];
  for (let c = 0; c < cols; c++) rows[row + c] -= along * rows[axis + c];
}
