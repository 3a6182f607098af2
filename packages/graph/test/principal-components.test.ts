import { join } from 'node:path';
import { createMatrix, type Matrix, matrixFrom, rowOf, seededRandom, writeNpy } from '@coreset/core';
import { principalComponents } from '@coreset/graph';
import { expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

/** Rows that vary by 5, 3, 2 and little along directions at random. */
function stretched(rows: number, cols: number, seed = 1): Matrix {
  const random = seededRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const directions = Array.from({ length: 3 }, () => Array.from({ length: cols }, () => random.uniform() - 0.5));
  const matrix = createMatrix(rows, cols);
  for (let i = 0; i < rows; i++) {
    const along = [5 * normal(), 3 * normal(), 2 * normal()];
    for (let c = 0; c < cols; c++)
      matrix.data[i * cols + c] = 7 + 0.05 * normal() + directions.reduce((sum, d, a) => sum + along[a] * d[c], 0);
  }
  return matrix;
}

const DECOMPOSITION = `
import json, sys, numpy as np
x = np.load(sys.argv[1]).astype(float)
v = np.linalg.svd(x - x.mean(0), full_matrices=False)[2][:2]
print(json.dumps((v * np.sign(v[np.arange(2), np.abs(v).argmax(1)])[:, None]).tolist()))`;

test('are those of a decomposition by NumPy', async () => {
  for (const [rows, cols] of [
    [600, 24],
    [40, 100],
  ]) {
    const matrix = stretched(rows, cols);
    const axes = await principalComponents(matrix, 2);
    const path = join(temporaryFolder(), 'rows.npy');
    await writeNpy(path, matrix.data, [rows, cols]);
    const expected: number[][] = JSON.parse(python(DECOMPOSITION, [path]));
    for (const a of [0, 1]) {
      const axis = rowOf(axes, a);
      expect(axis.length).toBe(cols);
      axis.forEach((value, c) => {
        expect(value).toBeCloseTo(expected[a][c], 3);
      });
    }
  }
});

test('of few rows, few columns and rows that are all the same', async () => {
  const line = await principalComponents(matrixFrom([[1, 1], [2, 2], [3, 3]]), 2); // biome-ignore format: one matrix
  expect(Array.from(line.data.subarray(0, 2), (value) => value.toFixed(4))).toEqual(['0.7071', '0.7071']);
  expect((await principalComponents(matrixFrom([[2], [5]]), 2)).data).toEqual(Float32Array.of(1, 0));
  const same = await principalComponents(matrixFrom([[1, 2], [1, 2]]), 2); // biome-ignore format: one matrix
  expect(Array.from(same.data)).toEqual([0, 0, 0, 0]);
  const huge = stretched(50, 6);
  const large = huge.data.map((value) => value * 2 ** 110);
  const axes = await principalComponents(huge, 2);
  expect((await principalComponents({ ...huge, data: large }, 2)).data).toEqual(axes.data);
});
