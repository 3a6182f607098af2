import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, matrixOf, normaliseRows, squaredDistance, takeRows } from '@coreset/core';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import { METHODS, type MethodName, type SelectorInput, select } from '@coreset/selector';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix, ROOT } from '../../../test/support.ts';

const ROWS = 150;
const vectors = clusteredMatrix(ROWS, 6, 3);
const scores = Float64Array.from({ length: ROWS }, (_, i) => ((i * 37) % ROWS) / ROWS);
const target = clusteredMatrix(4, 6, 9);
const labels = Int32Array.from({ length: ROWS }, (_, i) => (i < 100 ? 0 : i < 140 ? 1 : 2));
let graph: NeighbourGraph;

beforeAll(async () => {
  graph = await buildGraph(vectors, { k: 8 });
});

function input(budget: number, more: Partial<SelectorInput> = {}): SelectorInput {
  return { rows: ROWS, budget, vectors, graph, scores, labels, target, seed: 4, ...more };
}

const names = Object.keys(METHODS) as MethodName[];

describe.each(names)('%s', (name) => {
  test('returns an order without repeats whose beginnings are the smaller selections if not made for the budget, the same each time', async () => {
    const { order } = await select(name, input(ROWS));
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
    expect((await select(name, input(ROWS))).order).toEqual(order);
    for (const budget of [1, 2, 40]) {
      const smaller = (await select(name, input(budget))).order;
      if (METHODS[name].isForBudget) expect(new Set(smaller).size).toBe(budget);
      else expect(smaller).toEqual(order.slice(0, budget));
    }
  });

  test('says what it needs', async () => {
    for (const needed of METHODS[name].needs) {
      await expect(select(name, input(5, { [needed]: undefined }))).rejects.toThrow(`method ${name} needs ${needed}`);
    }
  });
});

test('methods with a random part follow the seed', async () => {
  for (const name of ['random', 'ccs', 'k-center', 'hierarchical', 'density'] as const) {
    const [a, b] = await Promise.all([select(name, input(20)), select(name, input(20, { seed: 5 }))]);
    expect(a.order).not.toEqual(b.order);
  }
});

describe('apricot', () => {
  const golden = JSON.parse(readFileSync(join(ROOT, 'test/golden/apricot.json'), 'utf8'));
  const small = matrixOf(Float32Array.from(golden.data), golden.rows, golden.cols);
  const unit = { ...small, data: small.data.slice() };
  normaliseRows(unit.data, unit.cols);
  const all: SelectorInput = { rows: golden.rows, budget: golden.rows, vectors: small };

  test('facility location picks what it picks, or what is worth the same', async () => {
    const worth = (picks: ArrayLike<number>): number[] => {
      const covered = new Float64Array(golden.rows);
      return Array.from(picks, (pick) => {
        for (let i = 0; i < golden.rows; i++) covered[i] = Math.max(covered[i], cosine(unit, i, pick));
        return covered.reduce((sum, c) => sum + c, 0);
      });
    };
    const { order } = await select('facility-location', all);
    expect(Array.from(order.slice(0, 12))).toEqual(golden.facilityLocation.slice(0, 12));
    // Two rows nearest to each other gain exactly the same, so rounding decides which of them comes first.
    const theirs = worth(golden.facilityLocation);
    worth(order).forEach((value, pick) => {
      expect(value).toBeCloseTo(theirs[pick], 4);
    });
  });

  test('graph cut picks what it picks', async () => {
    expect(Array.from((await select('graph-cut', all)).order)).toEqual(golden.graphCut);
  });
});

function cosine({ data, cols }: Matrix, i: number, j: number): number {
  return 1 - squaredDistance(data, i, data, j, cols) / 2; // rows of length 1
}

test('k-center takes the farthest row each time', async () => {
  const { order } = await select('k-center', input(12));
  for (let pick = 1; pick < 12; pick++) {
    const nearest = (row: number): number =>
      Math.max(...Array.from(order.slice(0, pick), (centre) => cosine(vectors, row, centre)));
    const others = Array.from({ length: ROWS }, (_, i) => i).filter((row) => !order.slice(0, pick).includes(row));
    expect(nearest(order[pick])).toBeCloseTo(Math.min(...others.map(nearest)), 5);
  }
});

test('facility location is greedy: each pick has the greatest gain', async () => {
  const { order } = await select('facility-location', input(10));
  const covered = new Float64Array(ROWS);
  for (const pick of order) {
    const gain = (row: number): number =>
      covered.reduce((sum, c, i) => sum + Math.max(0, cosine(vectors, i, row) - c), 0);
    const best = Math.max(...Array.from({ length: ROWS }, (_, row) => gain(row)));
    expect(gain(pick)).toBeCloseTo(best, 3);
    for (let i = 0; i < ROWS; i++) covered[i] = Math.max(covered[i], cosine(vectors, i, pick));
  }
});

test('prototypes take the hardest or easiest, moderate those around the median of their class', async () => {
  const hard = (await select('prototypes-hard', input(ROWS))).order;
  expect((await select('prototypes-easy', input(ROWS))).order).toEqual(hard.slice().reverse());
  expect(scores[hard[0]]).toBe(Math.max(...scores));
  const { order } = await select('moderate', input(1, { labels: undefined }));
  const sorted = Array.from(scores).sort((a, b) => a - b);
  expect(Math.abs(scores[order[0]] - (sorted[74] + sorted[75]) / 2)).toBeLessThan(0.01);
});

test('ccs gives each stratum the same share, and what a small one lacks to the others', async () => {
  // Stratum 0 has 5 rows, stratum 1 has 45, the rest of a two-strata split by score.
  const skewed = Float64Array.from({ length: 50 }, (_, i) => (i < 5 ? i / 100 : 0.9 + i / 1000));
  const { order } = await select('ccs', { rows: 50, budget: 30, scores: skewed }, { strata: 2 });
  const fromSmall = order.filter((row) => row < 5).length;
  expect([fromSmall, order.length - fromSmall]).toEqual([5, 25]);
  const eight = (await select('ccs', { rows: 50, budget: 8, scores: skewed }, { strata: 2 })).order;
  expect(eight.filter((row) => row < 5).length).toBe(4);
  const cut = (await select('ccs', { rows: 50, budget: 40, scores: skewed }, { strata: 2, cutoff: 0.2 })).order;
  expect(cut.some((row) => row >= 40)).toBe(false);
});

test('semdedup leaves no pair nearer than the one it broke last', async () => {
  const { order } = await select('semdedup', input(100));
  const kept = takeRows(vectors, order);
  let closest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < i; j++) closest = Math.min(closest, squaredDistance(kept.data, i, kept.data, j, kept.cols));
  }
  const dropped = Array.from({ length: ROWS }, (_, i) => i).filter((i) => !order.includes(i));
  for (const row of dropped) {
    const nearest = Math.min(
      ...graph.neighbours
        .subarray(row * 8, row * 8 + 8)
        .map((j) => 1e6 * squaredDistance(vectors.data, row, vectors.data, j, 6)),
    );
    expect(nearest / 1e6).toBeLessThanOrEqual(closest + 1e-6);
  }
});

test('d2-per-class keeps each class in proportion at every budget', async () => {
  const { order } = await select('d2-per-class', input(ROWS));
  for (const budget of [15, 30, 75]) {
    const counts = [0, 0, 0];
    for (const row of order.slice(0, budget)) counts[labels[row]]++;
    [100, 40, 10].forEach((size, label) => {
      expect(Math.abs(counts[label] - (size * budget) / ROWS)).toBeLessThan(1);
    });
  }
});

test('d2-cutoff never keeps one of the hardest rows while others are left', async () => {
  const { order } = await select('d2-cutoff', input(120), { cutoff: 0.2 });
  const hardest = (await select('prototypes-hard', input(30))).order;
  for (const row of hardest) expect(order).not.toContain(row);
});

test('uniform is d2 with the same difficulty everywhere', async () => {
  const { order } = await select('uniform', input(30));
  expect((await select('d2', input(30, { scores: new Float64Array(ROWS).fill(1) }))).order).toEqual(order);
});

test('an unknown method is named', async () => {
  await expect(select('best' as 'random', input(3))).rejects.toThrow(
    /method 'best' is not known; use one of auto, d2,/,
  );
});

test('permuting the rows permutes what d2 keeps', async () => {
  const order = Int32Array.from({ length: ROWS }, (_, i) => (i * 77) % ROWS); // 77 and 150 have no common divisor
  const permuted = takeRows(vectors, order);
  const distinctScores = Float64Array.from({ length: ROWS }, (_, i) => Math.sqrt(i + 1) / 13);
  const other = await buildGraph(permuted, { k: 8 });
  for (const name of ['d2'] as const) {
    const original = await select(name, input(40, { scores: distinctScores }));
    const moved = { vectors: permuted, graph: other, scores: Float64Array.from(order, (row) => distinctScores[row]) };
    const result = await select(name, input(40, moved));
    expect(Array.from(result.order, (row) => order[row]).sort()).toEqual(Array.from(original.order).sort());
  }
});
