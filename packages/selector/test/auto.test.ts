import { randomOrder, seededRandom } from '@coreset/core';
import { buildGraph, type NeighbourGraph } from '@coreset/graph';
import { type SelectorInput, select } from '@coreset/selector';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { LazyGreedy } from '../dist/lazy-greedy.js';

const ROWS = 150;
const K = 8;
const vectors = clusteredMatrix(ROWS, 6, 3);
const difficulty = Float64Array.from({ length: ROWS }, (_, i) => ((i * 37) % ROWS) / ROWS);
const all = [...Array(ROWS).keys()];
let graph: NeighbourGraph;

beforeAll(async () => {
  graph = await buildGraph(vectors, { k: K });
});

/** By the formulas, over all pairs. */
function reference(
  difficultyOf: (row: number) => number,
  seed: number,
  budget: number,
): { order: number[]; gains: number[] } {
  const listOf = (row: number): number[] => Array.from(graph.neighbours.subarray(row * K, (row + 1) * K));
  const squares = (row: number): number[] =>
    Array.from(graph.distances.subarray(row * K, (row + 1) * K), (distance) => distance ** 2);
  const mean = all.map((row) => squares(row).reduce((a, b) => a + b) / K);
  const gamma = mean.map((square) => 1 / (2 * square));
  const median = mean.toSorted((a, b) => a - b)[ROWS / 2];
  const weight = (row: number): number => difficultyOf(row) * Math.min(1, (1.5 * median) / mean[row]) ** 2;
  const similarity = (kept: number, row: number): number => {
    if (kept === row) return 1;
    const at = listOf(kept).indexOf(row);
    if (at < 0) return 0;
    return Math.exp(-gamma[row] * squares(kept)[at]) * (listOf(row).includes(kept) ? 1 : 0.6);
  };
  const covered = all.map(() => 0);
  const gainOf = (row: number): number =>
    all.reduce((sum, other) => sum + weight(other) * Math.max(0, similarity(row, other) - covered[other]), 0);
  const draws = randomOrder(ROWS, seededRandom(seed, 0x3a70));
  const order: number[] = [];
  const gains: number[] = [];
  let due = 0;
  while (order.length < budget) {
    const left = all.filter((row) => !order.includes(row));
    due += order.length / ROWS;
    let row = left.reduce((best, other) => (gainOf(other) > gainOf(best) + 1e-6 ? other : best));
    if (due >= 1 - 1e-12) {
      due -= 1;
      row = Array.from(draws).find((one) => !order.includes(one)) as number;
    }
    order.push(row);
    gains.push(gainOf(row));
    for (const other of all) covered[other] = Math.max(covered[other], similarity(row, other));
  }
  return { order, gains };
}

function input(budget: number, more: Partial<SelectorInput> = {}): SelectorInput {
  return { rows: ROWS, budget, graph, seed: 5, ...more };
}

describe('auto', () => {
  test.each([
    ['without difficulty', undefined],
    ['where difficulty counts', 0.5],
  ])('picks what covers most, and draws more the more is kept, %s', async (_, difficultyWeight) => {
    const { order, scores } = await select('auto', input(100, { scores: difficulty }), { difficultyWeight });
    const delta = difficultyWeight ?? 0;
    const expected = reference((row) => 1 - delta + delta * difficulty[row], 5, 100);
    expect(Array.from(order)).toEqual(expected.order);
    order.forEach((row, pick) => {
      expect(scores[row]).toBeCloseTo(expected.gains[pick], 5);
    });
  });

  test('rows of a difficulty below zero are worth nothing, not less', async () => {
    const negative = difficulty.map((score) => score - 2);
    const { scores, order } = await select('auto', input(ROWS, { scores: negative }), { difficultyWeight: 1 });
    expect(order.length).toBe(ROWS);
    expect(Math.max(...scores)).toBe(0);
  });

  test('a row far from all others comes late', async () => {
    const data = vectors.data.map((value, at) => (at < 6 ? 50 * value + 10 : value));
    const far = await buildGraph({ ...vectors, data }, { k: K });
    const { order } = await select('auto', { ...input(ROWS), graph: far });
    expect(order.indexOf(0)).toBeGreaterThan(ROWS / 2);
  });

  test('the draws follow the seed; the first picks do not', async () => {
    const [one, other] = await Promise.all([1, 2].map((seed) => select('auto', input(ROWS, { seed }))));
    expect(one.order.slice(0, 15)).toEqual(other.order.slice(0, 15));
    expect(one.order).not.toEqual(other.order);
  });

  test('the rows in another order give the same picks up to the first draw', async () => {
    const moved = Int32Array.from(all, (row) => (row * 77) % ROWS);
    const data = vectors.data.slice();
    moved.forEach((row, at) => {
      data.set(vectors.data.subarray(row * 6, (row + 1) * 6), at * 6);
    });
    const other = await buildGraph({ ...vectors, data }, { k: K });
    const { order } = await select('auto', input(15));
    const again = await select('auto', { ...input(15), graph: other });
    expect(Array.from(again.order, (row) => moved[row])).toEqual(Array.from(order));
  });
});

test('lazy greedy finds the greatest gain at each step, whatever falls and whatever is removed', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed);
    const rows = 1 + random.below(80);
    // Few different gains, so that there are ties; some are zero.
    const gains = Float64Array.from({ length: rows }, () => random.below(12) ** 2 / 7);
    const gone = new Set<number>();
    const whenTaken = new Map<number, number>();
    const greedy = new LazyGreedy(rows, (row) => gains[row]);
    while (gone.size < rows) {
      const left = [...Array(rows).keys()].filter((row) => !gone.has(row));
      const best = left.reduce((found, row) => (gains[row] > gains[found] ? row : found));
      expect(greedy.best()).toBe(best);
      const one = random.uniform() < 0.7 ? best : left[random.below(left.length)];
      gone.add(one);
      if (random.uniform() < 0.8) {
        greedy.take(one);
        whenTaken.set(one, gains[one]);
      } else greedy.pass(one);
      for (let fall = 0; fall < 4; fall++) gains[random.below(rows)] *= random.uniform() < 0.3 ? 0 : random.uniform();
    }
    expect(greedy.best()).toBe(-1);
    expect(Array.from(greedy.gains())).toEqual(Array.from(gains, (gain, row) => whenTaken.get(row) ?? gain));
  }
});
