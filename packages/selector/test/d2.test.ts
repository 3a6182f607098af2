import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pickOptions, readNpyVector, seededRandom } from '@coreset/core';
import {
  adjacencyOf,
  FORWARD_OPTIONS,
  forwardScores,
  MessageWeight,
  type NeighbourGraph,
  noDuplicates,
  readNeighbourFiles,
} from '@coreset/graph';
import { type D2Options, d2Select, keptRows } from '@coreset/selector';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support.ts';

const PARITY = join(ROOT, 'test/parity');

interface ParityCase {
  graph: string;
  k: number;
  gamma_r: number;
  graph_mode: 'sum' | 'product';
  sampling_mode: 'weighted' | 'absolute';
  budget: number;
  selected: number[];
  density_head: number[];
}

const cases: ParityCase[] = JSON.parse(readFileSync(join(PARITY, 'cases.json'), 'utf8'));

test.each(cases)("the paper's code: $graph k=$k γr=$gamma_r $graph_mode $sampling_mode budget $budget", (example) => {
  const graph = readNeighbourFiles(join(PARITY, 'knn_neighbors.npy'), join(PARITY, 'knn_distances.npy'), example.k);
  const selection = d2Select(graph, readNpyVector(join(PARITY, 'scores.npy')), {
    budget: example.budget,
    gammaReverse: example.gamma_r,
    aggregate: example.graph_mode,
    reverse: example.sampling_mode,
    edges: example.graph === 'symmetric' ? 'symmetric' : 'directed',
  });
  expect(Array.from(keptRows(selection))).toEqual([...example.selected].sort((a, b) => a - b));
  const adjacency = adjacencyOf(graph, example.graph === 'symmetric' ? 'symmetric' : 'directed');
  const forward = forwardScores(adjacency, readNpyVector(join(PARITY, 'scores.npy')), {
    aggregate: example.graph_mode,
    edges: example.graph === 'symmetric' ? 'symmetric' : 'directed',
  });
  example.density_head.forEach((score, row) => {
    expect(forward[row]).toBeCloseTo(score, 12);
  });
});

function randomGraph(rows: number, k: number, seed: number): { graph: NeighbourGraph; scores: Float64Array } {
  const random = seededRandom(seed);
  const neighbours = new Int32Array(rows * k);
  const distances = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    const others = new Set<number>();
    while (others.size < k) {
      const j = random.below(rows);
      if (j !== i) others.add(j);
    }
    neighbours.set([...others], i * k);
    // A coarse grid of distances and scores makes ties frequent.
    distances.set(
      Array.from({ length: k }, () => random.below(4) / 4).sort((a, b) => a - b),
      i * k,
    );
  }
  const scores = Float64Array.from({ length: rows }, () => random.below(5) / 4);
  return { graph: { rows, k, neighbours, distances, representative: noDuplicates(rows) }, scores };
}

/** Algorithm 1 as it stands in the paper, by plain search. */
function naiveD2(graph: NeighbourGraph, scores: Float64Array, options: D2Options): number[] {
  const { rows, k, neighbours, distances } = graph;
  const own = (row: number): number[] => Array.from({ length: k }, (_, e) => row * k + e);
  const current = forwardScores(
    adjacencyOf(graph, options.edges ?? 'symmetric'),
    scores,
    pickOptions(options, FORWARD_OPTIONS),
  );
  const weight = new MessageWeight(options.kernel ?? 'exponential', options.gammaReverse ?? 1);
  const order: number[] = [];
  const picked = new Set<number>();
  while (order.length < options.budget) {
    let best = -1;
    for (let i = 0; i < graph.rows; i++) if (!picked.has(i) && (best < 0 || current[i] > current[best])) best = i;
    picked.add(best);
    order.push(best);
    const lower = (row: number, edge: number): void => {
      if (!picked.has(row)) current[row] -= weight.of(distances[edge]) * current[best];
    };
    const listed = own(best).map((e) => neighbours[e]);
    for (const e of own(best)) lower(neighbours[e], e);
    if (options.edges === 'directed') continue;
    for (let row = 0; row < rows; row++) {
      if (!listed.includes(row)) for (const e of own(row)) if (neighbours[e] === best) lower(row, e);
    }
  }
  return order;
}

const graphs = fc.tuple(
  fc.integer({ min: 3, max: 40 }),
  fc.integer({ min: 1, max: 5 }),
  fc.nat(),
  fc.constantFrom('symmetric', 'directed'),
);

test('the heap picks what a plain search picks, on thousands of graphs', () => {
  fc.assert(
    fc.property(graphs, ([rows, k, seed, edges]) => {
      const { graph, scores } = randomGraph(rows, Math.min(k, rows - 1), seed);
      const options: D2Options = { budget: rows, gammaReverse: 0.5, edges: edges as 'symmetric' };
      expect(Array.from(d2Select(graph, scores, options).order)).toEqual(naiveD2(graph, scores, options));
    }),
    { numRuns: 3000 },
  );
});

test('a smaller budget is a prefix of a larger one', () => {
  const { graph, scores } = randomGraph(200, 5, 3);
  const all = d2Select(graph, scores, { budget: 200 }).order;
  for (const budget of [1, 7, 100]) expect(d2Select(graph, scores, { budget }).order).toEqual(all.slice(0, budget));
});

test('scaling the scores leaves the order as it is', () => {
  const { graph, scores } = randomGraph(150, 4, 5);
  const options: D2Options = { budget: 150, edges: 'directed' };
  expect(
    d2Select(
      graph,
      scores.map((x) => 4 * x),
      options,
    ).order,
  ).toEqual(d2Select(graph, scores, options).order);
});

describe('a small case by hand', () => {
  // 0 and 1 are close, 2 is far from both.
  const graph: NeighbourGraph = {
    rows: 3,
    k: 1,
    neighbours: new Int32Array([1, 0, 1]),
    distances: new Float64Array([0, 0, 1]),
    representative: noDuplicates(3),
  };

  test('a pick lowers the scores of its neighbours', () => {
    const { order, scores } = d2Select(graph, [1, 0.9, 0.1], { budget: 2, edges: 'directed' });
    expect(Array.from(order)).toEqual([0, 2]);
    expect(scores[0]).toBeCloseTo(1.9, 12);
    expect(scores[1]).toBeCloseTo(1.9 - 1.9 - Math.exp(-1) * (0.1 + Math.exp(-1) * 0.9), 12);
  });

  test('a pick below zero raises its neighbours, or is silent when asked', () => {
    const options: D2Options = { budget: 1, edges: 'directed', gammaForward: 1000 };
    const raised = d2Select(graph, [-3, -2, -1], { ...options, budget: 2 });
    const forward = forwardScores(adjacencyOf(graph, 'directed'), [-3, -2, -1], {
      edges: 'directed',
      gammaForward: 1000,
    });
    expect(raised.scores[1]).toBeGreaterThan(forward[1]);
    const silent = d2Select(graph, [-3, -2, -1], { ...options, budget: 2, belowZero: 'silent' });
    expect(silent.scores[1]).toBe(forward[1]);
  });
});

test('duplicates are kept once at most', () => {
  const graph: NeighbourGraph = {
    rows: 4,
    k: 1,
    neighbours: new Int32Array([3, 0, 0, 0]),
    distances: new Float32Array([0.1, 0, 0, 0.1]),
    representative: new Int32Array([0, 0, 0, 3]),
  };
  const selection = d2Select(graph, [0.5, 0.5, 0.5, 1], { budget: 4 });
  expect(Array.from(keptRows(selection))).toEqual([0, 3]);
  expect(d2Select(graph, [0.5, 0.5, 0.5, 1], { budget: 4, dropDuplicates: false }).order.length).toBe(4);
});

test('bad options are named', () => {
  const { graph, scores } = randomGraph(10, 2, 1);
  expect(() => d2Select(graph, scores, { budget: 0 })).toThrow(
    'the budget must be a whole number of rows from 1 to 10, got 0',
  );
  expect(() => d2Select(graph, scores, { budget: 11 })).toThrow('from 1 to 10, got 11');
  expect(() => d2Select(graph, scores, { budget: 2, gammaReverse: -0.1 })).toThrow(
    'gammaReverse must be a number of at least 0',
  );
  expect(() => d2Select(graph, scores, { budget: 2, reverse: 'x' as 'weighted' })).toThrow("reverse 'x' is not known");
  expect(() => d2Select(graph, scores, { budget: 2, edges: 'x' as 'directed' })).toThrow(
    "graph edges 'x' are not known",
  );
});
