// The graph and its messages beside the plainest programs that do the same.
import { join } from 'node:path';
import {
  createMatrix,
  type Matrix,
  matrixFrom,
  type NpyArray,
  type Progress,
  randomOrder,
  seededRandom,
  writeNpy,
} from '@coreset/core';
import {
  adjacencyOf,
  buildGraph,
  duplicateGroups,
  EdgeReader,
  estimateRecall,
  forwardScores,
  isOneSided,
  MessageWeight,
  type NeighbourGraph,
  noDuplicates,
  readGraph,
  readNeighbourFiles,
  resolveBackend,
  SYMMETRIC_SCORE_FLOOR,
  writeGraph,
} from '@coreset/graph';
import { exactQmax, fitQuantiser } from '@coreset/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';
import { exactNeighbours } from '../dist/exact/exact.js';
import { ivfNeighbours } from '../dist/ivf/ivf.js';

const rowsOf = ({ data, rows, cols }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
const distance = (a: number[], b: number[]): number => Math.sqrt(a.reduce((sum, x, c) => sum + (x - b[c]) ** 2, 0));

/** Lists of different other rows, at distances of a coarse grid; some rows repeat an earlier one. */
function randomGraph(rows: number, wanted: number, seed: number): NeighbourGraph {
  const random = seededRandom(seed);
  const k = Math.min(wanted, rows - 1);
  const representative = noDuplicates(rows);
  for (let row = 1; row < rows; row++)
    if (random.below(4) === 0) representative[row] = representative[random.below(row)];
  const lists = Array.from({ length: rows }, (_, row) =>
    Array.from(randomOrder(rows, random))
      .filter((other) => other !== row)
      .slice(0, k),
  );
  const lengths = lists.map((list) => list.map(() => random.below(6) / 4).sort((a, b) => a - b));
  return {
    rows,
    k,
    representative,
    neighbours: Int32Array.from(lists.flat()),
    distances: Float64Array.from(lengths.flat()),
  };
}

const graphs = fc.tuple(fc.integer({ min: 2, max: 80 }), fc.integer({ min: 1, max: 6 }), fc.nat());

/** Each row's edges as the other row and the length: its own list, and with `symmetric` those that the other side alone lists. */
function plainEdges(graph: NeighbourGraph, symmetric: boolean): [number, number][][] {
  const { rows, k, neighbours, distances, representative } = graph;
  const own = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: k }, (_, e): [number, number] => [neighbours[i * k + e], distances[i * k + e]]),
  );
  if (!symmetric) return own;
  const all = own.map((list) => list.slice());
  for (let from = 0; from < rows; from++) {
    if (representative[from] !== from) continue;
    for (const [to, length] of own[from]) if (!own[to].some(([other]) => other === from)) all[to].push([from, length]);
  }
  return all;
}

describe.each(['symmetric', 'directed'] as const)('%s edges', (edges) => {
  test('are those of plain lists', () => {
    fc.assert(
      fc.property(graphs, ([rows, k, seed]) => {
        const graph = randomGraph(rows, k, seed);
        const reader = new EdgeReader(adjacencyOf(graph, edges));
        const expected = plainEdges(graph, edges === 'symmetric');
        for (let row = 0; row < rows; row++) {
          const count = reader.read(row);
          const read = Array.from({ length: count }, (_, n) => [reader.targets[n], reader.lengths[n]]);
          expect(read).toEqual(expected[row]);
        }
      }),
    );
  });

  test('carry messages to both ends, or to the row that lists them', () => {
    fc.assert(
      fc.property(
        graphs,
        fc.constantFrom('gaussian' as const, 'exponential' as const),
        fc.constantFrom('sum' as const, 'product' as const),
        fc.constantFrom(0, 0.5, 1, 3),
        ([rows, k, seed], kernel, aggregate, gammaForward) => {
          const graph = { ...randomGraph(rows, k, seed) };
          const random = seededRandom(seed);
          const scores = Array.from({ length: rows }, () => random.below(5) / 4 - 0.25);
          const floor = edges === 'symmetric' ? SYMMETRIC_SCORE_FLOOR : Number.NEGATIVE_INFINITY;
          const forward = forwardScores(adjacencyOf(graph, edges), scores, { kernel, aggregate, gammaForward, edges });
          plainEdges(graph, edges === 'symmetric').forEach((list, row) => {
            const received = list.reduce((sum, [other, length]) => {
              const faded = Math.exp(-gammaForward * (kernel === 'gaussian' ? length * length : length));
              return sum + faded * Math.max(floor, scores[other]);
            }, 0);
            expect(forward[row]).toBeCloseTo(aggregate === 'sum' ? scores[row] + received : scores[row] * received, 10);
          });
        },
      ),
    );
  });
});

test('an edge is one-sided where its other end does not list its row', () => {
  const graph = { ...randomGraph(30, 4, 3), representative: noDuplicates(30) };
  const own = plainEdges(graph, false);
  const symmetric = adjacencyOf(graph, 'symmetric');
  const directed = adjacencyOf(graph, 'directed');
  for (let e = 0; e < graph.neighbours.length; e++) {
    const isMutual = own[graph.neighbours[e]].some(([other]) => other === Math.floor(e / graph.k));
    expect(isOneSided(symmetric, e)).toBe(!isMutual);
    expect(isOneSided(directed, e)).toBe(false);
  }
});

test('what nothing is said of: exponential, γ 1, the sum, symmetric', () => {
  const graph = randomGraph(20, 3, 4);
  const adjacency = adjacencyOf(graph, 'symmetric');
  const scores = Array.from({ length: 20 }, (_, i) => i / 20);
  expect(forwardScores(adjacency, scores)).toEqual(
    forwardScores(adjacency, scores, { kernel: 'exponential', gammaForward: 1, aggregate: 'sum', edges: 'symmetric' }),
  );
  expect(() => forwardScores(adjacency, scores, { aggregate: 'mean' as 'sum' })).toThrow(
    "aggregate 'mean' is not known",
  );
  expect(() => adjacencyOf(graph, 'both' as 'symmetric')).toThrow("graph edges 'both' are not known");
  expect(() => new MessageWeight('gaussian', Number.NaN)).toThrow('gamma must be a number of at least 0');
  expect(() => forwardScores(adjacency, scores, { gamma: 1 } as object)).toThrow("no option 'gamma'");
});

test('a message fades as the exponential of the distance or its square says', () => {
  for (const gamma of [0, 0.3, 1, 7]) {
    for (const length of [0, 0.1, 1, 2.5, 40]) {
      expect(new MessageWeight('exponential', gamma).of(length)).toBeCloseTo(Math.exp(-gamma * length), 14);
      expect(new MessageWeight('gaussian', gamma).of(length)).toBeCloseTo(Math.exp(-gamma * length ** 2), 14);
    }
  }
});

describe('duplicates', () => {
  /** Whole numbers, so that rows repeat. */
  function repeating(rows: number, values: number, seed: number): Matrix {
    const random = seededRandom(seed);
    return matrixFrom(Array.from({ length: rows }, () => [random.below(values) - 1, random.below(values)]));
  }

  test('have their representative first, then its neighbours, at its distances', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        async (rows, values, wanted, seed) => {
          const matrix = repeating(rows, values, seed);
          const plain = rowsOf(matrix);
          const first = plain.map((row) => plain.findIndex((other) => distance(row, other) === 0));
          expect(Array.from(duplicateGroups(matrix))).toEqual(first);
          const distinct = [...new Set(first)];
          const notices: string[] = [];
          const graph = await buildGraph(matrix, { k: wanted, threads: 1, onNotice: (line) => notices.push(line) });
          const k = Math.min(wanted, distinct.length - 1);
          expect(graph).toMatchObject({ rows, k });
          expect(Array.from(graph.representative)).toEqual(first);
          expect(notices).toEqual(
            k === wanted
              ? []
              : [`k shrank from ${wanted} to ${k}: the number of rows that differ is ${distinct.length}`],
          );
          for (let row = 0; row < rows; row++) {
            const length = (other: number): number => distance(plain[first[row]], plain[other]);
            const others = distinct
              .filter((other) => other !== first[row])
              .sort((a, b) => length(a) - length(b) || a - b);
            const list = first[row] === row ? others : [first[row], ...others];
            const neighbours = Array.from(graph.neighbours.subarray(row * k, (row + 1) * k));
            expect(neighbours).toEqual(list.slice(0, k));
            const distances = Array.from(graph.distances.subarray(row * k, (row + 1) * k));
            expect(distances).toEqual(list.slice(0, k).map((other) => Math.fround(length(other))));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('thousands of rows, most of them repeated', () => {
    const matrix = repeating(3000, 30, 5);
    const seen = new Map<string, number>();
    const first = rowsOf(matrix).map((row, i) => {
      const text = row.map((x) => x + 0).join();
      if (!seen.has(text)) seen.set(text, i);
      return seen.get(text);
    });
    expect(Array.from(duplicateGroups(matrix))).toEqual(first);
    expect(duplicateGroups(createMatrix(0, 3)).length).toBe(0);
    expect(Array.from(duplicateGroups(createMatrix(1, 3)))).toEqual([0]);
  });
});

test('a list is proved by the greatest error of coding among all rows, whichever block they are in', async () => {
  // Rows of the first block lie anywhere in some squares of the grid of codes, those of the others on one of its points.
  const [coarse, rows] = [1024, 2400];
  const matrix = createMatrix(rows, 2);
  const random = seededRandom(1);
  const slot = async (): Promise<{ unit: number; mean: Float64Array }> => {
    const { mean, scale } = fitQuantiser(matrix, await exactQmax());
    return { unit: 1 / scale, mean };
  };
  for (let i = 2; i < 2 * coarse; i++) matrix.data[i] = 0.07 * random.uniform();
  matrix.data.set([-1, -1]);
  for (let transpose = 0; transpose < 80; transpose++) {
    const { unit, mean } = await slot();
    const far = [0, 1].map((c) => mean[c] + Math.round((0.2 - mean[c]) / unit) * unit);
    for (let i = coarse; i < rows; i++) matrix.data.set(far, 2 * i);
  }
  const { neighbours } = await exactNeighbours(matrix, 5, { threads: 1 });
  const plain = rowsOf(matrix);
  for (let i = 1; i < coarse; i++) {
    const lengths = plain.map((row, j) => (j === i ? Number.POSITIVE_INFINITY : distance(plain[i], row)));
    const nearest = Array.from(lengths.keys()).sort((a, b) => lengths[a] - lengths[b] || a - b);
    const found = Array.from(neighbours.subarray(5 * i, 5 * i + 5), (j) => lengths[j]);
    expect(found).toEqual(nearest.slice(0, 5).map((j) => lengths[j]));
  }
});

describe('auto', () => {
  test('is exact up to 3 · 10¹² multiplications, an inverted file beyond', () => {
    expect(resolveBackend('auto', { rows: 88_388, cols: 384 })).toBe('exact');
    expect(resolveBackend('auto', { rows: 88_389, cols: 384 })).toBe('ivf');
    expect(resolveBackend('auto', { rows: 1_000_000, cols: 3 })).toBe('exact');
    expect(resolveBackend('auto', { rows: 1_000_000, cols: 4 })).toBe('ivf');
    for (const backend of ['exact', 'ivf', 'hnsw'] as const)
      expect(resolveBackend(backend, { rows: 1, cols: 1 })).toBe(backend);
    expect(() => resolveBackend('faiss' as 'ivf', { rows: 1, cols: 1 })).toThrow(
      "backend 'faiss' is not known; use one of auto, exact, ivf, hnsw",
    );
  });
});

test('refining lists by their neighbours finds most of what probing few lists missed', async () => {
  const matrix = clusteredMatrix(3000, 24, 2, 4);
  const recall = async (descentRounds: number): Promise<number> =>
    estimateRecall(matrix, await ivfNeighbours(matrix, 10, { lists: 150, probes: 2, descentRounds }), 10, {});
  const [none, one, three] = [await recall(0), await recall(1), await recall(3)];
  expect(none).toBeLessThan(0.5);
  expect(one).toBeGreaterThan(0.69);
  expect(three).toBeGreaterThan(0.92);
});

test('recall is the share of the true distances that the lists have, on a sample', async () => {
  const matrix = clusteredMatrix(300, 4, 6);
  const graph = await buildGraph(matrix, { k: 5 });
  expect(await estimateRecall(matrix, graph, 5, {})).toBe(1);
  // The last two of each list are too far.
  const spoilt = graph.distances.map((length, e) => (e % 5 >= 3 ? length + 10 : length));
  expect(await estimateRecall(matrix, { distances: spoilt }, 5, {})).toBeCloseTo(0.6, 12);
  const some = graph.distances.map((length, e) => (e < 5 * 150 ? length + 10 : length));
  const all = await estimateRecall(matrix, { distances: some }, 5, { sampleSize: 300 });
  expect(all).toBeCloseTo(0.5, 12);
  expect(await estimateRecall(matrix, { distances: some }, 5, { sampleSize: 1 })).toBeOneOf([0, 1]);
  await expect(estimateRecall(matrix, graph, 5, { sample: 3 } as object)).rejects.toThrow("no option 'sample'");
});

test('bad options of a graph are named', async () => {
  const matrix = clusteredMatrix(20, 3);
  await expect(buildGraph(matrix, { k: 0 })).rejects.toThrow('k must be a whole number of at least 1, got 0');
  await expect(buildGraph(matrix, { threads: 0 })).rejects.toThrow('threads must be a whole number from 1 to ');
  await expect(buildGraph(matrix, { backend: 'best' as 'ivf' })).rejects.toThrow("backend 'best' is not known");
  await expect(buildGraph(matrix, { neighbours: 3 } as object)).rejects.toThrow("no option 'neighbours'");
  expect((await buildGraph(matrix)).k).toBe(10);
});

test.each(['exact', 'ivf', 'hnsw'] as const)(
  'progress of %s goes up and ends at the number of rows',
  async (backend) => {
    const progress: Progress[] = [];
    await buildGraph(clusteredMatrix(1500, 4), { backend, onProgress: (at) => progress.push(at) });
    expect(progress.length).toBeGreaterThan(0);
    for (let p = 1; p < progress.length; p++) expect(progress[p].done).toBeGreaterThanOrEqual(progress[p - 1].done);
    expect(progress.at(-1)).toEqual({ stage: 'graph', done: 1500, total: 1500 });
  },
);

describe('files of a graph', () => {
  const folder = temporaryFolder();
  const [neighbours, distances] = [join(folder, 'n.npy'), join(folder, 'd.npy')];
  const write = async (n: NpyArray, d: NpyArray, shape: number[], other: number[] = shape): Promise<void> => {
    await writeNpy(neighbours, n, shape);
    await writeNpy(distances, d, other);
  };

  test('of any random graph come back', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async ([rows, k, seed]) => {
        const graph = randomGraph(rows, k, seed);
        const paths = await writeGraph(join(folder, 'graph'), graph);
        expect(paths.length).toBe(3);
        expect(readGraph(join(folder, 'graph'))).toEqual(graph);
        const { k: most } = graph;
        const fewer = readNeighbourFiles(paths[0], paths[1], Math.ceil(most / 2));
        const isKept = (_: number, e: number): boolean => e % most < Math.ceil(most / 2);
        expect(Array.from(fewer.neighbours)).toEqual(Array.from(graph.neighbours).filter(isKept));
        expect(Array.from(fewer.distances)).toEqual(Array.from(graph.distances).filter(isKept));
      }),
      { numRuns: 25 },
    );
  });

  test.each<[string, NpyArray, NpyArray, number[], number[], RegExp]>([
    [
      'shapes that differ',
      Int32Array.of(1, 0),
      Float32Array.of(1, 1, 1),
      [2, 1],
      [3, 1],
      /n\.npy is 2 × 1 but .*d\.npy is 3 × 1; they must match/,
    ],
    [
      'widths that differ',
      Int32Array.of(1, 0),
      Float32Array.of(1, 1, 1, 1),
      [2, 1],
      [2, 2],
      /is 2 × 1 but .* is 2 × 2/,
    ],
    [
      'neighbours that are no row numbers',
      Float32Array.of(1, 0),
      Float32Array.of(1, 1),
      [2, 1],
      [2, 1],
      /must be int32/,
    ],
    ['64 bits of them', Float64Array.of(1, 0), Float32Array.of(1, 1), [2, 1], [2, 1], /must be int32 or int64/],
    ['distances that are whole numbers', Int32Array.of(1, 0), Int32Array.of(1, 1), [2, 1], [2, 1], /must be float32/],
    ['a neighbour below 0', Int32Array.of(1, -1), Float32Array.of(1, 1), [2, 1], [2, 1], /row 1 lists neighbour -1/],
    [
      'a neighbour beyond the rows',
      Int32Array.of(2, 0),
      Float32Array.of(1, 1),
      [2, 1],
      [2, 1],
      /row 0 lists neighbour 2/,
    ],
    ['a distance that is none', Int32Array.of(1, 0), Float32Array.of(1, Number.NaN), [2, 1], [2, 1], /row 1, column 0/],
    ['an endless one', Int32Array.of(1, 0), Float32Array.of(1, 1 / 0), [2, 1], [2, 1], /row 1, column 0 is Infinity/],
    ['a row twice in its list', Int32Array.of(0, 0, 0, 1), Float32Array.of(0, 0, 1, 1), [2, 2], [2, 2], /itself more/],
  ])('%s: refused', async (_, n, d, shape, other, message) => {
    await write(n, d, shape, other);
    expect(() => readNeighbourFiles(neighbours, distances)).toThrow(message);
  });

  test('representatives have to be earlier rows, one for each', async () => {
    const graph = randomGraph(5, 2, 1);
    const home = join(folder, 'other');
    for (const [representative, message] of [
      [Int32Array.of(0, 1, 2, 3), /duplicates\.npy has 4 rows, the graph has 5/],
      [
        Int32Array.of(0, 1, 3, 3, 4),
        /row 2 is represented by 3; a representative is an earlier row that represents itself/,
      ],
      [Int32Array.of(0, 1, -1, 3, 4), /row 2 is represented by -1/],
    ] as const) {
      await writeGraph(home, graph);
      await writeNpy(join(home, 'duplicates.npy'), representative);
      expect(() => readGraph(home)).toThrow(message);
    }
  });
});
