import { type Matrix, matrixFrom, randomOrder, seededRandom } from '@coreset/core';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import {
  clusterCoverage,
  coverage,
  coverageCurves,
  curveSample,
  difficultyHistogram,
  labelBalance,
  linearProbe,
  nearDuplicateShare,
} from '@coreset/metrics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

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

describe('coverage curves', () => {
  const random = seededRandom(5);
  const matrix = matrixFrom(Array.from({ length: 90 }, () => Array.from({ length: 6 }, () => random.uniform())));
  const orders = [1, 2].map((seed) => randomOrder(matrix.rows, seededRandom(seed), 25));

  test('are the coverage of every beginning, where all rows are sampled', async () => {
    const { budgets, distances } = await coverageCurves(matrix, orders, { points: 4 });
    expect(Array.from(budgets)).toEqual([1, 2, 4, 7, 13, 19, 25]);
    for (const [o, order] of orders.entries()) {
      for (const [b, budget] of budgets.entries()) {
        const { aucpr } = await coverage(matrix, order.slice(0, budget));
        expect(distances[o][b]).toBeCloseTo(aucpr, 5);
      }
    }
  });

  test('are the same far from the origin', async () => {
    const far: Matrix = { ...matrix, data: matrix.data.map((value) => value + 1000) };
    const near = await coverageCurves(matrix, orders);
    const moved = await coverageCurves(far, orders);
    for (const [o, curve] of near.distances.entries()) {
      for (const [b, distance] of curve.entries()) expect(moved.distances[o][b]).toBeCloseTo(distance, 3);
    }
  });

  test('of a sample are near those of all rows, and no better than them because the sample were the picks', async () => {
    const order = randomOrder(matrix.rows, seededRandom(0), 20);
    const all = await coverageCurves(matrix, [order]);
    const sampled = await coverageCurves(matrix, [order], { sampleSize: 20, seed: 0 });
    expect(sampled.distances[0][19]).toBeGreaterThan(0.7 * all.distances[0][19]);
    expect(sampled.distances[0][19]).toBeLessThan(1.3 * all.distances[0][19]);
  });

  test('stop when asked to', async () => {
    await expect(coverageCurves(matrix, orders, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  test('need orders of one length', async () => {
    await expect(coverageCurves(matrix, [])).rejects.toThrow(/at least one/);
    await expect(coverageCurves(matrix, [orders[0], orders[1].slice(1)])).rejects.toThrow(/same number of picks/);
  });
});

test('coverage curves do not count rows that a budget leaves out, nor make distances of repeats from rounding', async () => {
  // Two of each row, far from the origin and close to each other: squares of distances round below 0.
  const random = seededRandom(3);
  const half = Array.from({ length: 40 }, () => Array.from({ length: 5 }, () => 0.01 * random.uniform()));
  const repeated = matrixFrom([...half, ...half, [900, 900, 900, 900, 900]]);
  const order = Int32Array.from({ length: 40 }, (_, i) => i);
  const { budgets, distances } = await coverageCurves(repeated, [order, order.toReversed()], { points: 1000 });
  expect(Array.from(budgets)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  for (const [o, picks] of [order, order.toReversed()].entries()) {
    for (const budget of [1, 17, 40]) {
      const { aucpr } = await coverage(repeated, picks.slice(0, budget));
      expect(Math.abs(distances[o][budget - 1] - aucpr)).toBeLessThan(0.002);
    }
  }
});

test('the seed of coverage curves draws their sample', async () => {
  const random = seededRandom(8);
  const matrix = matrixFrom(Array.from({ length: 60 }, () => [random.uniform(), random.uniform()]));
  const order = randomOrder(60, seededRandom(1), 5);
  const of = async (seed: number): Promise<number[]> => {
    const { distances } = await coverageCurves(matrix, [order], { sampleSize: 10, seed });
    return Array.from(distances[0]);
  };
  expect(await of(1)).toEqual(await of(1));
  expect(await of(1)).not.toEqual(await of(2));
});

test('coverage curves read more than one block of picks', async () => {
  const random = seededRandom(9);
  const matrix = matrixFrom(Array.from({ length: 1200 }, () => [random.uniform(), random.uniform()]));
  const order = randomOrder(1200, seededRandom(1), 1100);
  const { budgets, distances } = await coverageCurves(matrix, [order], { points: 3, sampleSize: 1200 });
  for (const [b, budget] of budgets.entries()) {
    const { aucpr } = await coverage(matrix, order.slice(0, budget));
    expect(distances[0][b]).toBeCloseTo(aucpr, 5);
  }
});

test('the sample of coverage curves is a thousand rows, fewer where it would take long, never under 200', () => {
  expect(curveSample(1)).toBe(1000);
  expect(curveSample(1.2e7)).toBe(1000);
  expect(curveSample(4e7)).toBe(300);
  expect(curveSample(1e12)).toBe(200);
});

test('the histogram counts kept and all rows per bin', () => {
  const { all, kept } = difficultyHistogram([0, 0.24, 0.26, 0.99, 1], [1, 4], 4);
  expect(all).toEqual([2, 1, 0, 2]);
  expect(kept).toEqual([1, 0, 0, 1]);
});

test('scores outside [0, 1] count in the first and last bin', () => {
  const { all, kept } = difficultyHistogram([-3, 0.5, 7], [0, 2]);
  expect(all).toEqual(Array.from({ length: 20 }, (_, bin) => (bin === 0 || bin === 10 || bin === 19 ? 1 : 0)));
  expect(kept).toEqual(Array.from({ length: 20 }, (_, bin) => (bin === 0 || bin === 19 ? 1 : 0)));
});

test('near-duplicates: nearer than a tenth of all rows are to their nearest, where no distance is given', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      // Between the distances, which are multiples of a twentieth.
      fc.option(
        fc.integer({ min: 0, max: 20 }).map((n) => n / 20 + 0.01),
        { nil: undefined },
      ),
      (rows, k, seed, given) => {
        const random = seededRandom(seed);
        const lists = Array.from({ length: rows }, () => ({
          neighbours: Array.from({ length: k }, () => random.below(rows)),
          distances: Array.from({ length: k }, () => random.below(20) / 20).sort((a, b) => a - b),
        }));
        const kept = randomOrder(rows, random, random.below(rows + 1));
        const nearest = lists.map(({ distances }) => distances[0]).sort((a, b) => a - b);
        const near = given ?? nearest[Math.floor((rows - 1) / 10)];
        const paired = new Set<number>();
        for (const row of kept) {
          for (const [e, other] of lists[row].neighbours.entries()) {
            if (lists[row].distances[e] <= near && kept.includes(other)) paired.add(row).add(other);
          }
        }
        const graph = {
          rows,
          k,
          neighbours: Int32Array.from(lists.flatMap((list) => list.neighbours)),
          distances: Float32Array.from(lists.flatMap((list) => list.distances)),
        } as NeighbourGraph;
        expect(nearDuplicateShare(graph, kept, given)).toBeCloseTo(
          kept.length === 0 ? 0 : paired.size / kept.length,
          12,
        );
      },
    ),
  );
  expect(nearDuplicateShare({ rows: 2, k: 0 } as NeighbourGraph, [0, 1])).toBe(0);
  const chain = {
    rows: 10,
    k: 1,
    neighbours: Int32Array.from({ length: 10 }, (_, row) => (row + 1) % 10),
    distances: Float32Array.from({ length: 10 }, (_, row) => row + 1),
  } as NeighbourGraph;
  expect(nearDuplicateShare(chain, chain.neighbours)).toBe(0.2);
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
