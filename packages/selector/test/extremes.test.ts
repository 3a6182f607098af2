import { type Matrix, matrixOf, takeRows } from '@coreset/core';
import { buildGraph, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { d2Select, MaxHeap, METHODS, type MethodName, type SelectorInput, select } from '@coreset/selector';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';

const ROWS = 60;
const K = 4;
const names = Object.keys(METHODS) as MethodName[];

/** Each row lists the next ones. */
function ringGraph(rows: number, k: number): NeighbourGraph {
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  for (let e = 0; e < neighbours.length; e++) {
    neighbours[e] = (Math.floor(e / k) + 1 + (e % k)) % rows;
    distances[e] = 0.1 * (1 + (e % k));
  }
  return { rows, k, neighbours, distances, representative: noDuplicates(rows) };
}

const graph = ringGraph(ROWS, K);
const vectors = clusteredMatrix(ROWS, 5, 2);
const target = clusteredMatrix(3, 5, 4);
const labels = Int32Array.from({ length: ROWS }, (_, i) => i % 3);

function inputWith(scores: ArrayLike<number>, more: Partial<SelectorInput> = {}): SelectorInput {
  return { rows: ROWS, budget: ROWS, vectors, graph, scores, labels, target, away: target, seed: 1, ...more };
}

const cycle = (...values: number[]): Float64Array =>
  Float64Array.from({ length: ROWS }, (_, i) => values[i % values.length]);

const EXTREMES: [string, Float64Array][] = [
  ['of ±1e308', cycle(1e308, -1e308, 3, 0, -1e308)],
  ['all 1e308', cycle(1e308)],
  ['all −1e308', cycle(-1e308)],
  ['of 5e-324', cycle(5e-324, 0, -5e-324)],
  ['of 1e200', cycle(1e200, 2e200, -1e200)],
  ['all equal', cycle(0.25)],
  ['of 0 and −0', cycle(0, -0)],
];

describe.each(names)('%s', (name) => {
  test.each(EXTREMES)('scores %s give as many picks as asked for, each once', async (_, scores) => {
    const settings = name === 'auto' ? [{}, { difficultyWeight: 1 }] : [{}];
    if (METHODS[name].options.includes('aggregate')) settings.push({ aggregate: 'product' } as never);
    if (METHODS[name].options.includes('reverse')) settings.push({ reverse: 'absolute' } as never);
    for (const setting of settings) {
      for (const budget of [7, ROWS]) {
        const selection = await select(name, inputWith(scores, { budget }), setting);
        const { order } = selection;
        expect(order.length).toBe(budget);
        expect(new Set(order).size).toBe(budget);
        expect(selection.scores.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('what does not fit together is told, whether the method looks at it or not', async () => {
    const scores = cycle(1, 2);
    const refuse = (more: Partial<SelectorInput>, message: string): Promise<void> =>
      expect(select(name, inputWith(scores, more))).rejects.toThrow(message);
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const withWrong = scores.slice();
      withWrong[5] = wrong;
      await refuse({ scores: withWrong }, `row 5: score ${wrong} is not a finite number`);
    }
    await refuse({ scores: [1, 2] }, 'there are 2 scores for 60 rows; one score per row is needed');
    await refuse({ labels: Int32Array.of(1) }, 'there are 1 labels for 60 rows; one label per row is needed');
    const negative = labels.slice();
    negative[3] = -1;
    await refuse({ labels: negative }, 'row 3: label -1 is not a whole number from 0 to 2147483647');
    await refuse({ vectors: clusteredMatrix(3, 5) }, 'there are 3 vectors for 60 rows');
    await refuse({ seed: 0.5 }, 'seed must be a whole number from 0');
    await refuse({ graph: ringGraph(10, 2) }, 'the graph has 10 rows, not 60');
    await refuse({ graph: { ...graph, k: 5 } }, 'the graph has 240 neighbours; 60 rows and k 5 need 300');
    const farAway = { ...graph, neighbours: graph.neighbours.slice() };
    farAway.neighbours[9] = 60;
    await refuse({ graph: farAway }, 'the graph: row 2 lists neighbour 60; rows go from 0 to 59');
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const distances = graph.distances.slice();
      distances[6] = wrong;
      await refuse({ graph: { ...graph, distances } }, `the graph: row 1, entry 2 is ${wrong} away`);
    }
    const inCircle = noDuplicates(ROWS);
    inCircle[8] = 7;
    inCircle[7] = 6;
    await refuse({ graph: { ...graph, representative: inCircle } }, 'the graph: row 8 is represented by 7');
    await refuse({ contentRepresentative: inCircle }, 'contentRepresentative: row 8 has the content of 7');
    await refuse({ contentRepresentative: Int32Array.of(0) }, 'contentRepresentative has 1 rows, not 60');
  });

  test('labels may be any numbers of classes', async () => {
    const huge = labels.map((label) => 2 ** 31 - 1 - 1e9 * (label % 2));
    expect((await select(name, inputWith(cycle(1, 2, 3), { labels: huge }))).order.length).toBe(ROWS);
    const own = Int32Array.from({ length: ROWS }, (_, i) => i * 1_000_000);
    expect((await select(name, inputWith(cycle(1, 2, 3), { labels: own, budget: 9 }))).order.length).toBe(9);
  });
});

test('scores in another unit give the same picks, as long as none is below the floor', async () => {
  const scores = Float64Array.from({ length: ROWS }, (_, i) => 1 + ((i * 37) % 53));
  const large = scores.map((score) => score * 2 ** 1017);
  for (const name of ['d2', 'd2-per-class', 'd2-cutoff', 'moderate', 'prototypes-hard', 'ccs', 'semdedup'] as const) {
    const { order, scores: after } = await select(name, inputWith(scores));
    const inLarge = await select(name, inputWith(large));
    expect(inLarge.order).toEqual(order);
    if (name !== 'semdedup') {
      const expected = after.map((score) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, score * 2 ** 1017)));
      expect(inLarge.scores).toEqual(expected);
    }
  }
});

test('d2Select refuses what select refuses', () => {
  const scores = cycle(1, 2);
  expect(() => d2Select(graph, [1, Number.NaN, 2], { budget: 1 })).toThrow('there are 3 scores for 60 rows');
  scores[1] = Number.NaN;
  expect(() => d2Select(graph, scores, { budget: 1 })).toThrow('row 1: score NaN');
  expect(() => d2Select({ ...graph, neighbours: graph.neighbours.map(() => -1) }, cycle(1), { budget: 1 })).toThrow(
    'row 0 lists neighbour -1',
  );
});

test('the heap ends with an error where a key is or becomes no number', () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    expect(() => new MaxHeap(Float64Array.of(1, wrong))).toThrow(`the key of item 1 is ${wrong}`);
  for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY]) {
    for (const popsBefore of [0, 1]) {
      const heap = new MaxHeap(Float64Array.of(3, 2, 1));
      for (let pop = 0; pop < popsBefore; pop++) heap.pop();
      heap.lower(2, -wrong);
      expect(() => [heap.pop(), heap.pop(), heap.pop()]).toThrow(/finite numbers/);
    }
  }
});

test('strata beyond counting, and one row in each', async () => {
  const scores = Float64Array.from({ length: ROWS }, (_, i) => i);
  for (const strata of [1, 1e9, Number.MAX_SAFE_INTEGER]) {
    const { order } = await select('ccs', inputWith(scores), { strata });
    expect(new Set(order).size).toBe(ROWS);
  }
  await expect(select('ccs', inputWith(scores), { strata: 1e300 })).rejects.toThrow(
    'strata must be a whole number from 1 to 9007199254740991, got 1e+300',
  );
});

test('classes get their shares however many there are', async () => {
  const rows = 30_000;
  const many = Int32Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? i : 1));
  const { order } = await select('d2-per-class', {
    rows,
    budget: rows,
    graph: ringGraph(rows, 2),
    scores: new Float64Array(rows).fill(1),
    labels: many,
  });
  const ofTheLargeClass = order.subarray(0, 1000).filter((row) => row % 2 === 1).length;
  expect(ofTheLargeClass).toBeGreaterThan(400);
  expect(ofTheLargeClass).toBeLessThan(600);
});

test('graph cut refuses a λ that would overflow', async () => {
  const input: SelectorInput = { rows: 2, budget: 1, vectors: matrixOf(Float32Array.of(1, 2), 2, 1) };
  await expect(select('graph-cut', input, { lambda: 1e308 })).rejects.toThrow(
    'lambda must be a number from 0 to 1e+100',
  );
});

test.each(['facility-location', 'graph-cut', 'k-center', 'toward'] as const)(
  '%s names the row whose vector is not finite',
  async (name) => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const data = vectors.data.slice();
      data[5 * 7 + 2] = wrong;
      await expect(select(name, inputWith(cycle(1), { vectors: matrixOf(data, ROWS, 5) }))).rejects.toThrow(
        'the vectors: row 7 holds a number that is not finite',
      );
    }
  },
);

const VECTORS: [string, Matrix][] = [
  ['one row', matrixOf(Float32Array.of(1, 2), 1, 2)],
  ['two rows', matrixOf(Float32Array.of(1, 2), 2, 1)],
  ['rows all the same', matrixOf(new Float32Array(40).fill(0.3), 10, 4)],
  ['rows of zeros and others', matrixOf(Float32Array.of(0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 3, 4), 6, 2)],
  [
    'enormous numbers',
    matrixOf(
      clusteredMatrix(50, 3).data.map((x) => 1e35 * x),
      50,
      3,
    ),
  ],
  [
    'tiny numbers',
    matrixOf(
      clusteredMatrix(50, 3).data.map((x) => 1e-25 * x),
      50,
      3,
    ),
  ],
  [
    'rows all at the same distance',
    matrixOf(
      Float32Array.from({ length: 400 }, (_, i) => (i % 21 === 0 ? 1 : 0)),
      20,
      20,
    ),
  ],
];

describe.each(VECTORS)('%s', (_, made) => {
  test.each(names)('%s keeps all rows when they are asked for, and each once', async (name) => {
    const { rows } = made;
    const given: SelectorInput = {
      rows,
      budget: rows,
      vectors: made,
      graph: await buildGraph(made, { k: 5 }),
      scores: new Float64Array(rows).fill(1),
      labels: new Int32Array(rows),
      target: takeRows(made, [0]),
      away: takeRows(made, [rows - 1]),
      seed: 3,
    };
    for (const budget of [1, Math.ceil(rows / 2), rows]) {
      const { order, scores } = await select(name, { ...given, budget }, { dropDuplicates: false });
      expect(new Set(order).size).toBe(budget);
      expect(scores.every(Number.isFinite)).toBe(true);
    }
  });
});

test.each(names)('%s keeps all rows where neighbours are at no distance', async (name) => {
  const near = { ...graph, distances: new Float32Array(ROWS * K) };
  const { order, scores } = await select(name, inputWith(cycle(1, 2), { graph: near }));
  expect(new Set(order).size).toBe(ROWS);
  expect(scores.every(Number.isFinite)).toBe(true);
});

test('target and away have rows, and columns as the vectors have', async () => {
  const none: Partial<SelectorInput> = { away: matrixOf(new Float32Array(0), 0, 5) };
  await expect(select('toward', inputWith(cycle(1), none))).rejects.toThrow('away has no rows');
  const narrow = { target: matrixOf(Float32Array.of(1, 2), 1, 2) };
  await expect(select('random', inputWith(cycle(1), narrow))).rejects.toThrow(
    'target has 2 columns, the vectors have 5; they must match',
  );
  for (const part of ['target', 'away'] as const) {
    const wrong = { [part]: matrixOf(Float32Array.of(1, 2, 3, 4, 5, 6, 7, Number.NaN, 9, 10), 2, 5) };
    await expect(select('toward', inputWith(cycle(1), wrong))).rejects.toThrow(
      `${part}: row 1 holds a number that is not finite`,
    );
  }
});
