import { join } from 'node:path';
import { type Matrix, matrixFrom, matrixOf, openNpyVectors, seededRandom, writeNpy } from '@coreset/core';
import { nearestAmong } from '@coreset/graph';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';

/** Each row times a factor of its own, so that none is of length 1. */
function ofManyLengths({ data, rows, cols }: Matrix, seed: number): Matrix {
  const random = seededRandom(seed);
  const lengths = Float64Array.from({ length: rows }, () => 10 ** (6 * random.uniform() - 3));
  return matrixOf(
    data.map((value, i) => value * lengths[Math.floor(i / cols)]),
    rows,
    cols,
  );
}

function plainNearest(a: Matrix, b: Matrix): { nearest: number[]; similarity: number[] } {
  const nearest: number[] = [];
  const similarity: number[] = [];
  const dot = (x: Matrix, i: number, y: Matrix, j: number): number => {
    let sum = 0;
    for (let c = 0; c < x.cols; c++) sum += x.data[i * x.cols + c] * y.data[j * x.cols + c];
    return sum;
  };
  for (let i = 0; i < a.rows; i++) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < b.rows; j++) {
      const cosine = dot(a, i, b, j) / Math.sqrt(dot(a, i, a, i) * dot(b, j, b, j));
      if (cosine > most) [best, most] = [j, cosine];
    }
    nearest.push(best);
    similarity.push(most);
  }
  return { nearest, similarity };
}

function rowAlone({ data, cols }: Matrix, row: number): Matrix {
  return matrixOf(data.slice(row * cols, (row + 1) * cols), 1, cols);
}

describe('the nearest among others', () => {
  test.each([
    [1, 1, 3],
    [1500, 40, 5],
    [50, 9000, 7],
    [300, 200, 33],
  ])('%d rows among %d of %d columns are those of a plain loop, whatever their lengths', async (rows, others, cols) => {
    const a = ofManyLengths(clusteredMatrix(rows, cols, 1), 5);
    const b = ofManyLengths(clusteredMatrix(others, cols, 2), 6);
    const expected = plainNearest(a, b);
    const found = await nearestAmong(a, b, { threads: 2 });
    expect(Array.from(found.nearest)).toEqual(expected.nearest);
    found.similarity.forEach((value, row) => {
      expect(value).toBeCloseTo(expected.similarity[row], 12);
    });
    expect(await nearestAmong(a, b, { threads: 1 })).toEqual(found);
  });

  test('equal rows have exactly 1, whole cosines are exact, and of equally near ones the first counts', async () => {
    const rows = matrixFrom([
      [3, 4],
      [0.1, 0.7],
      [-1, 0],
      [0, 0],
    ]);
    const others = matrixFrom([
      [0, 0],
      [4, 3],
      [8, 6],
      [0.1, 0.7],
      [0.2, 1.4],
    ]);
    const { nearest, similarity } = await nearestAmong(rows, others, { threads: 1 });
    expect(Array.from(similarity.subarray(1))).toEqual([1, 0, 0]);
    expect(Array.from(nearest.subarray(1))).toEqual([3, 0, 0]);
    const alone = await nearestAmong(
      rows,
      matrixFrom([
        [-1, -1],
        [8, 6],
        [4, 3],
      ]),
      { threads: 1 },
    );
    expect([alone.nearest[0], alone.similarity[0]]).toEqual([1, 24 / 25]);
  });

  test('every row has exactly 1 to itself', async () => {
    const rows = ofManyLengths(clusteredMatrix(500, 12, 3), 4);
    const { nearest, similarity } = await nearestAmong(rows, rows);
    expect(similarity.every((value) => value === 1)).toBe(true);
    expect(Array.from(nearest)).toEqual(Array.from({ length: 500 }, (_, row) => row));
  });

  test('others that codes of one byte cannot tell apart are told apart', async () => {
    const bundle = (seed: number): Matrix => {
      const matrix = clusteredMatrix(400, 8, seed);
      // One row points elsewhere, all others are nearly the same.
      for (let i = 8; i < matrix.data.length; i++) matrix.data[i] = (i % 8 === 0 ? 1 : 0) + 1e-3 * matrix.data[i];
      return matrix;
    };
    const [a, b] = [bundle(1), bundle(2)];
    let searchedInFloat32: unknown;
    const { nearest } = await nearestAmong(a, b, {
      onDiagnostics(_, facts) {
        ({ searchedInFloat32 } = facts);
      },
    });
    expect(searchedInFloat32).toBeGreaterThan(0.5);
    const expected = plainNearest(a, b);
    const cosines = (found: ArrayLike<number>): number[] =>
      Array.from({ length: 400 }, (_, row) => plainNearest(rowAlone(a, row), rowAlone(b, found[row])).similarity[0]);
    cosines(nearest).forEach((value, row) => {
      expect(1 - value).toBeLessThan(1 - expected.similarity[row] + 2e-7);
    });
  });

  test.each([1e30, 1e-30])('numbers of the magnitude of %d are as good as others', async (factor) => {
    const a = clusteredMatrix(60, 6, 1);
    const b = clusteredMatrix(50, 6, 2);
    const scaled = matrixOf(
      b.data.map((value) => value * factor),
      50,
      6,
    );
    const { nearest, similarity } = await nearestAmong(a, scaled, { threads: 1 });
    const expected = plainNearest(a, b);
    expect(Array.from(nearest)).toEqual(expected.nearest);
    similarity.forEach((value, row) => {
      expect(value).toBeCloseTo(expected.similarity[row], 6);
    });
  });

  test('vectors that stay in their files are the same', async () => {
    const [a, b] = [clusteredMatrix(80, 6, 1), clusteredMatrix(50, 6, 2)];
    const folder = temporaryFolder();
    for (const [name, { data, rows, cols }] of Object.entries({ a, b }))
      await writeNpy(join(folder, `${name}.npy`), data, [rows, cols]);
    const [fileA, fileB] = ['a.npy', 'b.npy'].map((name) => openNpyVectors(join(folder, name)));
    expect(await nearestAmong(fileA, fileB)).toEqual(await nearestAmong(a, b));
  });

  test('progress ends at all rows, an abort is heard, and what does not fit is refused', async () => {
    const [a, b] = [clusteredMatrix(2500, 4, 1), clusteredMatrix(9000, 4, 2)];
    const done: number[] = [];
    await nearestAmong(a, b, { onProgress: (progress) => done.push(progress.done) });
    expect(done.at(-1)).toBe(2500);
    expect(done.length).toBe(6);
    await expect(nearestAmong(a, b, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await expect(nearestAmong(a, clusteredMatrix(9, 5))).rejects.toThrow('the rows have 4 columns, the others 5');
    await expect(nearestAmong(a, matrixOf(new Float32Array(0), 0, 4))).rejects.toThrow('there are no others');
  });
});
