import { type Matrix, matrixFrom, squaredDistance, takeRows } from '@coreset/core';
import { difficultyScores, kmeans, prototypeDistance, scaleScores } from '@coreset/difficulty';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

const vectors = clusteredMatrix(1500, 16);

test('the kernel and ml-kmeans agree on inertia', async () => {
  const kernel = await kmeans(vectors, { prototypes: 8, iterations: 50, tolerance: 1e-6 });
  const library = await kmeans(vectors, { prototypes: 8, iterations: 50, tolerance: 1e-6, backend: 'ml-kmeans' });
  expect(Math.abs(kernel.inertia / library.inertia - 1)).toBeLessThan(0.03);
});

test('the same seed gives the same bits for any number of threads, another seed other prototypes', async () => {
  const many = clusteredMatrix(9000, 8);
  const [one, two, four, other] = await Promise.all([
    kmeans(many, { prototypes: 30, threads: 1 }),
    kmeans(many, { prototypes: 30, threads: 2 }),
    kmeans(many, { prototypes: 30, threads: 4 }),
    kmeans(many, { prototypes: 30, seed: 1 }),
  ]);
  expect(two.prototypes.data).toEqual(one.prototypes.data);
  expect(four.prototypes.data).toEqual(one.prototypes.data);
  expect(other.prototypes.data).not.toEqual(one.prototypes.data);
});

/** Rows × prototypes × columns for which k-means trains by codes. */
const large = clusteredMatrix(9000, 128, 3, 40);
const LARGE = { prototypes: 900, iterations: 4, tolerance: 0 };

async function exactInertia(rows: Matrix, prototypes: Matrix): Promise<number> {
  const { distances } = await prototypeDistance(rows, prototypes);
  return distances.reduce((sum, distance) => sum + distance * distance, 0);
}

test('training by codes gives the same bits for any number of threads, and prototypes as near as floats give', async () => {
  const [one, two] = await Promise.all([
    kmeans(large, { ...LARGE, threads: 1 }),
    kmeans(large, { ...LARGE, threads: 2 }),
  ]);
  expect(two).toEqual(one);
  const exact = await exactInertia(large, one.prototypes);
  expect(exact).toBeLessThan(one.inertia);
  expect(exact).toBeGreaterThan(0.9 * one.inertia);
});

test('where one outlier leaves all others with the same codes, training goes by floats', async () => {
  const spoilt = takeRows(
    large,
    Int32Array.from({ length: large.rows }, (_, row) => row),
  );
  spoilt.data.fill(1e5, 0, spoilt.cols);
  const { prototypes } = await kmeans(spoilt, LARGE);
  const without = await kmeans(large, LARGE);
  expect(await exactInertia(spoilt, prototypes)).toBeLessThan(1.05 * (await exactInertia(large, without.prototypes)));
});

test('k-means lowers the inertia below that of its start', async () => {
  const once = await kmeans(vectors, { prototypes: 20, iterations: 1 });
  const longer = await kmeans(vectors, { prototypes: 20, iterations: 20 });
  expect(longer.inertia).toBeLessThan(once.inertia);
});

test('prototype distance is the distance to the nearest prototype, Euclidean and cosine', async () => {
  const { prototypes } = await kmeans(vectors, { prototypes: 8 });
  const { distances, labels } = await prototypeDistance(vectors, prototypes);
  const { distances: cosines } = await prototypeDistance(vectors, prototypes, { metric: 'cosine' });
  for (let i = 0; i < vectors.rows; i += 97) {
    const all = Array.from({ length: 8 }, (_, p) =>
      Math.sqrt(squaredDistance(vectors.data, i, prototypes.data, p, 16)),
    );
    expect(distances[i]).toBeCloseTo(Math.min(...all), 12);
    expect(all[labels[i]]).toBe(Math.min(...all));
    const similarity = Array.from({ length: 8 }, (_, p) => {
      let dot = 0;
      let a = 0;
      let b = 0;
      for (let c = 0; c < 16; c++) {
        const x = vectors.data[i * 16 + c];
        const y = prototypes.data[p * 16 + c];
        dot += x * y;
        a += x * x;
        b += y * y;
      }
      return dot / Math.sqrt(a * b);
    });
    expect(cosines[i]).toBeCloseTo(1 - Math.max(...similarity), 5);
  }
});

test('more prototypes than rows shrink with a notice; one row and equal rows have a defined difficulty', async () => {
  const notices: string[] = [];
  const three = matrixFrom([
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const shrunk = await difficultyScores(three, { prototypes: 10, onNotice: (line) => notices.push(line) });
  expect(shrunk.prototypes).toBe(3);
  expect(notices).toEqual(['prototypes shrank from 10 to 3, the number of rows']);
  expect(Array.from((await difficultyScores(matrixFrom([[3, 4]]))).scores)).toEqual([0.5]);
  const equal = await difficultyScores(matrixFrom(Array.from({ length: 50 }, () => [3, 4])), { prototypes: 5 });
  expect(new Set(equal.scores)).toEqual(new Set([0.5]));
});

test('scaled scores run from 0 to 1; bad scores and options are named', async () => {
  expect(Array.from(scaleScores([5, 3, 4]))).toEqual([1, 0, 0.5]);
  expect(() => scaleScores([1, Number.NaN])).toThrow('row 1: score NaN is not a finite number');
  await expect(kmeans(vectors, { prototypes: 0 })).rejects.toThrow(
    'prototypes must be a whole number of at least 1, got 0',
  );
  await expect(kmeans(vectors, { metric: 'manhattan' as 'cosine' })).rejects.toThrow(/metric 'manhattan' is not known/);
  await expect(kmeans(vectors, { backend: 'exact' as 'kernel' })).rejects.toThrow(/backend 'exact' is not known/);
  await expect(prototypeDistance(vectors, matrixFrom([[1, 2]]))).rejects.toThrow(/16 columns, the prototypes 2/);
});
