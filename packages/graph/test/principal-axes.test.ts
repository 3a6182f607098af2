import { createMatrix, type Matrix, seededRandom } from '@coreset/core';
import { buildGraph, estimateRecall } from '@coreset/graph';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { createProjection, principalAxes } from '../dist/pca/principal-axes.js';

const ROWS = 4000;
const COLS = 80;

/** Clusters in 12 dimensions, turned into 80 by random directions, and a little noise in all of them. */
function flatMatrix(): Matrix {
  const low = clusteredMatrix(ROWS, 12);
  const random = seededRandom(5);
  const directions = Float64Array.from({ length: 12 * COLS }, () => random.uniform() - 0.5);
  const matrix = createMatrix(ROWS, COLS);
  for (let i = 0; i < ROWS; i++) {
    for (let c = 0; c < COLS; c++) {
      let sum = 0.02 * (random.uniform() - 0.5);
      for (let d = 0; d < 12; d++) sum += low.data[i * 12 + d] * directions[d * COLS + c];
      matrix.data[i * COLS + c] = sum;
    }
  }
  return matrix;
}

function spread(data: Float32Array, cols: number): number {
  const rows = data.length / cols;
  let total = 0;
  for (let c = 0; c < cols; c++) {
    let sum = 0;
    let squares = 0;
    for (let i = c; i < data.length; i += cols) {
      sum += data[i];
      squares += data[i] ** 2;
    }
    total += squares / rows - (sum / rows) ** 2;
  }
  return total;
}

function expectOrthonormal(axes: Float32Array, dims: number): void {
  for (let a = 0; a < dims; a++) {
    for (let b = a; b < dims; b++) {
      let product = 0;
      for (let c = 0; c < COLS; c++) product += axes[a * COLS + c] * axes[b * COLS + c];
      expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
    }
  }
}

test('the axes are orthonormal and keep 95 % of the variance', async () => {
  const matrix = flatMatrix();
  const found = await principalAxes(matrix);
  if (found === undefined) throw new Error('no axes');
  const { data: axes, rows: dims } = found;
  expect(dims).toBe(16);
  expectOrthonormal(axes, dims);
  const projected = await (await createProjection(found))(Float32Array.from(matrix.data));
  expect(spread(projected, dims) / spread(matrix.data, COLS)).toBeGreaterThan(0.95);
});

test('the axes do not depend on the unit', async () => {
  const matrix = flatMatrix();
  const found = await principalAxes(matrix);
  for (const exponent of [60, -80]) {
    const scaled = { ...matrix, data: matrix.data.map((value) => value * 2 ** exponent) };
    expect(await principalAxes(scaled)).toEqual(found);
  }
});

test('the axes are orthonormal where fewer columns vary', async () => {
  const random = seededRandom(4);
  const matrix = createMatrix(500, COLS);
  for (let i = 0; i < matrix.rows; i++) for (const c of [7, 30, 31]) matrix.data[i * COLS + c] = random.uniform();
  const found = await principalAxes(matrix);
  if (found === undefined) throw new Error('no axes');
  expect(found.rows).toBe(16);
  expectOrthonormal(found.data, found.rows);
  const projected = await (await createProjection(found))(Float32Array.from(matrix.data));
  expect(spread(projected, found.rows) / spread(matrix.data, COLS)).toBeCloseTo(1, 5);
});

test('where nothing varies there are none', async () => {
  expect(await principalAxes(createMatrix(500, COLS))).toBeUndefined();
});

test('where all columns count the same there are none', async () => {
  const random = seededRandom(3);
  const matrix = createMatrix(2000, 48);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = random.uniform();
  expect(await principalAxes(matrix)).toBeUndefined();
});

test('a search along the axes finds the neighbours, the same for any number of threads', async () => {
  const matrix = flatMatrix();
  const options = { backend: 'ivf', k: 8, probes: 20 } as const;
  const [one, three] = await Promise.all([
    buildGraph(matrix, { ...options, threads: 1 }),
    buildGraph(matrix, { ...options, threads: 3 }),
  ]);
  expect(three).toEqual(one);
  expect(await estimateRecall(matrix, one, one.k, {})).toBeGreaterThan(0.97);
});
