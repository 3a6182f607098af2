import { matrixFrom, seededRandom } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import {
  clusterCoverage,
  coverage,
  difficultyHistogram,
  labelBalance,
  linearProbe,
  nearDuplicateShare,
} from '@coreset/metrics';
import { expect, test } from 'vitest';

test('coverage is the mean and greatest distance to the nearest kept row', async () => {
  const { aucpr, maxRadius } = await coverage(
    matrixFrom([
      [0, 0],
      [3, 4],
      [0, 1],
      [6, 8],
    ]),
    [0, 3],
  );
  expect(aucpr).toBeCloseTo((0 + 5 + 1 + 0) / 4, 6);
  expect(maxRadius).toBeCloseTo(5, 6);
});

test('the histogram counts kept and all rows per bin', () => {
  const { all, kept } = difficultyHistogram([0, 0.24, 0.26, 0.99, 1], [1, 4], 4);
  expect(all).toEqual([2, 1, 0, 2]);
  expect(kept).toEqual([1, 0, 0, 1]);
});

test('near-duplicates count only when both are kept', async () => {
  const graph = await buildGraph(
    matrixFrom([
      [0, 0],
      [0, 0.01],
      [5, 5],
      [9, 0],
      [0, 9],
    ]),
    { k: 2 },
  );
  expect(nearDuplicateShare(graph, [0, 1, 2, 3], 0.1)).toBe(0.5);
  expect(nearDuplicateShare(graph, [0, 2, 3], 0.1)).toBe(0);
  expect(nearDuplicateShare(graph, [0, 1])).toBe(1);
});

test('cluster coverage and label balance', () => {
  expect(clusterCoverage([0, 0, 1, 2], [0, 1, 3])).toBeCloseTo(2 / 3, 12);
  expect(labelBalance([0, 0, 0, 1], [0, 3])).toBeCloseTo(1, 12);
  expect(labelBalance([0, 0, 0, 1], [0, 1])).toBe(0);
  expect(labelBalance([5, 5], [0])).toBe(1);
});

test('a linear probe tells separable classes apart, and cannot tell noise', async () => {
  const random = seededRandom(2);
  const labels = Array.from({ length: 400 }, (_, i) => i % 3);
  const separable = matrixFrom(
    labels.map((label) => [label === 0 ? 2 : 0, label === 1 ? 2 : 0, 0].map((x) => x + random.uniform())),
  );
  const noise = matrixFrom(labels.map(() => [random.uniform(), random.uniform(), random.uniform()]));
  const probe = (matrix: typeof noise): Promise<number> => {
    const train = { ...matrix, data: matrix.data.slice(0, 900), rows: 300 };
    const test = { ...matrix, data: matrix.data.slice(900), rows: 100 };
    return linearProbe(train, labels.slice(0, 300), test, labels.slice(300));
  };
  expect(await probe(separable)).toBeGreaterThan(0.97);
  expect(await probe(noise)).toBeLessThan(0.55);
  await expect(linearProbe(noise, [1], noise, labels)).rejects.toThrow('one label per row');
});
