import { join } from 'node:path';
import {
  createMatrix,
  type Matrix,
  matrixFrom,
  openNpyVectors,
  squaredDistance,
  takeRows,
  writeNpy,
} from '@coreset/core';
import {
  adjacencyOf,
  buildGraph,
  duplicateGroups,
  estimateRecall,
  forwardScores,
  readGraph,
  readNeighbourFiles,
  writeGraph,
} from '@coreset/graph';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';

function bruteForce({ data, rows, cols }: Matrix, k: number): { neighbours: number[]; distances: number[] } {
  const neighbours: number[] = [];
  const distances: number[] = [];
  for (let i = 0; i < rows; i++) {
    const others = Array.from({ length: rows }, (_, j) => ({ j, squared: squaredDistance(data, i, data, j, cols) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.squared - b.squared || a.j - b.j)
      .slice(0, k);
    neighbours.push(...others.map(({ j }) => j));
    distances.push(...others.map(({ squared }) => Math.fround(Math.sqrt(squared))));
  }
  return { neighbours, distances };
}

test('the exact backend equals brute force', async () => {
  const matrices = fc.tuple(
    fc.integer({ min: 2, max: 120 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 15 }),
    fc.nat(),
  );
  await fc.assert(
    fc.asyncProperty(matrices, async ([rows, cols, k, seed]) => {
      const matrix = clusteredMatrix(rows, cols + 1, seed);
      const graph = await buildGraph(matrix, { k, threads: 1, groupDuplicates: false });
      const expected = bruteForce(matrix, graph.k);
      expect(Array.from(graph.distances)).toEqual(expected.distances);
      expect(Array.from(graph.neighbours)).toEqual(expected.neighbours);
    }),
    { numRuns: 25 },
  );
});

test('it equals brute force across blocks of queries and of base rows, for any number of threads', async () => {
  const matrix = clusteredMatrix(9000, 6);
  const [one, four] = await Promise.all([buildGraph(matrix, { threads: 1 }), buildGraph(matrix, { threads: 4 })]);
  expect(four).toEqual(one);
  const { data, cols } = matrix;
  for (const i of [0, 1023, 1024, 8191, 8192, 8999]) {
    const order = Array.from({ length: 9000 }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => squaredDistance(data, i, data, a, cols) - squaredDistance(data, i, data, b, cols) || a - b);
    expect(Array.from(one.neighbours.subarray(i * 10, i * 10 + 10))).toEqual(order.slice(0, 10));
  }
});

describe('the search by codes changes no list', () => {
  const rows = 600;
  const neighboursOf = async (matrix: Matrix): Promise<void> => {
    const graph = await buildGraph(matrix, { groupDuplicates: false });
    expect(Array.from(graph.neighbours)).toEqual(bruteForce(matrix, graph.k).neighbours);
  };

  test('when one outlier leaves all others with the same codes', async () => {
    const matrix = clusteredMatrix(rows, 8);
    matrix.data.fill(1e4, 0, 8);
    await neighboursOf(matrix);
  });

  test('when all rows lie far from the origin', async () => {
    const matrix = clusteredMatrix(rows, 8);
    for (let i = 0; i < matrix.data.length; i++) matrix.data[i] += 20;
    await neighboursOf(matrix);
  });

  test.each([12, 24, 48, 96])(
    'when each %ith row is nearer to the others of them than to all rows between',
    async (step) => {
      // Whatever is foreseen from rows at such steps is far too much for these rows, and too little for the others.
      const matrix = clusteredMatrix(rows, 8);
      for (let i = 0; i < rows; i += step) {
        for (let c = 0; c < 8; c++) matrix.data[i * 8 + c] = 0.3 + matrix.data[i * 8 + c] / 100;
      }
      await neighboursOf(matrix);
    },
  );

  test('when hundreds of rows are the same', async () => {
    const matrix = clusteredMatrix(rows, 8);
    for (let i = 100; i < 400; i++) matrix.data.copyWithin(i * 8, 0, 8);
    await neighboursOf(matrix);
  });
});

test('rows are sorted, without self; mutual edges have the same length; permuting the rows permutes the graph', async () => {
  const matrix = clusteredMatrix(400, 8);
  const { k, neighbours, distances } = await buildGraph(matrix, { k: 7 });
  const lengths = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    for (let e = i * k; e < (i + 1) * k; e++) {
      expect(neighbours[e]).not.toBe(i);
      if (e > i * k) expect(distances[e]).toBeGreaterThanOrEqual(distances[e - 1]);
      const edge = [i, neighbours[e]].sort((a, b) => a - b).join();
      expect(lengths.get(edge) ?? distances[e]).toBe(distances[e]);
      lengths.set(edge, distances[e]);
    }
  }
  const reversed = createMatrix(400, 8);
  for (let i = 0; i < 400; i++) reversed.data.set(matrix.data.subarray(i * 8, (i + 1) * 8), (399 - i) * 8);
  const other = await buildGraph(reversed, { k: 7 });
  for (let i = 0; i < 400; i++) {
    const mirrored = other.neighbours.subarray((399 - i) * k, (400 - i) * k).map((j) => 399 - j);
    expect(mirrored).toEqual(neighbours.subarray(i * k, (i + 1) * k));
  }
});

test('hnsw finds nearly all exact neighbours', async () => {
  const matrix = clusteredMatrix(1200, 16);
  const [exact, hnsw] = await Promise.all([buildGraph(matrix), buildGraph(matrix, { backend: 'hnsw' })]);
  let found = 0;
  for (let i = 0; i < 1200; i++) {
    const own = new Set(exact.neighbours.subarray(i * 10, i * 10 + 10));
    for (const j of hnsw.neighbours.subarray(i * 10, i * 10 + 10)) if (own.has(j)) found++;
  }
  expect(found / 12000).toBeGreaterThan(0.98);
});

test('the inverted file finds nearly all exact neighbours, the same for any number of threads', async () => {
  const matrix = clusteredMatrix(6000, 16, 5, 60);
  const options = { backend: 'ivf', lists: 60, probes: 12 } as const;
  const [exact, one, three] = [
    await buildGraph(matrix, { backend: 'exact' }),
    await buildGraph(matrix, { ...options, threads: 1 }),
    await buildGraph(matrix, { ...options, threads: 3 }),
  ];
  expect(three).toEqual(one);
  const file = join(temporaryFolder(), 'vectors.npy');
  await writeNpy(file, matrix.data, [matrix.rows, matrix.cols]);
  expect(await buildGraph(openNpyVectors(file), options)).toEqual(one);
  let found = 0;
  for (let i = 0; i < 6000; i++) {
    for (let e = i * 10; e < i * 10 + 10; e++) {
      expect(one.neighbours[e]).not.toBe(i);
      expect(one.neighbours.subarray(i * 10, e)).not.toContain(one.neighbours[e]);
      if (e > i * 10) expect(one.distances[e]).toBeGreaterThanOrEqual(one.distances[e - 1]);
      if (one.distances[e] <= exact.distances[i * 10 + 9]) found++;
    }
  }
  expect(found / 60_000).toBeGreaterThan(0.98);
  expect(await estimateRecall(matrix, one, 10, {})).toBeCloseTo(found / 60_000, 1);
  const all = await buildGraph(matrix, { backend: 'ivf', lists: 20, probes: 20, descentRounds: 0 });
  expect(all).toEqual(exact);
});

describe('duplicates', () => {
  const rows = [
    [1, 0],
    [0, 1],
    [1, 0],
    [0.6, 0.8],
    [1, 0],
    [-0, 1],
  ];

  test('are grouped under the first of them; −0 equals 0', () => {
    expect(Array.from(duplicateGroups(matrixFrom(rows)))).toEqual([0, 1, 0, 3, 0, 1]);
  });

  test("take no part in the search; their list is their representative's", async () => {
    const graph = await buildGraph(matrixFrom(rows), { k: 2 });
    const lists = Array.from({ length: 6 }, (_, i) => Array.from(graph.neighbours.subarray(2 * i, 2 * i + 2)));
    expect(lists).toEqual([
      [3, 1],
      [3, 0],
      [0, 3],
      [1, 0],
      [0, 3],
      [1, 3],
    ]);
    expect(graph.distances[4]).toBe(0);
  });

  test('more copies of a row than k leave nobody without other neighbours, grouped or not', async () => {
    const many = matrixFrom([...Array.from({ length: 50 }, () => [1, 0]), [0, 1], [0.6, 0.8]]);
    const grouped = await buildGraph(many, { k: 2 });
    expect(Array.from(grouped.neighbours.subarray(0, 2))).toEqual([51, 50]);
    const plain = await buildGraph(many, { k: 3, groupDuplicates: false });
    for (let i = 0; i < 50; i++) expect(plain.neighbours.subarray(3 * i, 3 * i + 3)).not.toContain(i);
  });

  test.each(['exact', 'ivf', 'hnsw'] as const)(
    'in a file give the graph that they give in memory (%s)',
    async (backend) => {
      const distinct = clusteredMatrix(700, 5, 8);
      const matrix = takeRows(
        distinct,
        Array.from({ length: 800 }, (_, i) => (i * 3) % 700),
      );
      const path = join(temporaryFolder(), 'duplicates.npy');
      await writeNpy(path, matrix.data, [matrix.rows, matrix.cols]);
      const graph = await buildGraph(openNpyVectors(path), { k: 5, backend });
      expect(graph.representative.filter((first, row) => first !== row).length).toBe(100);
      expect(graph).toEqual(await buildGraph(matrix, { k: 5, backend }));
    },
  );

  test('all rows identical, one row: k shrinks to 0 with a notice', async () => {
    const notices: string[] = [];
    const same = await buildGraph(matrixFrom(Array.from({ length: 9 }, () => [1, 2])), {
      onNotice: (line) => notices.push(line),
    });
    expect(same).toMatchObject({ rows: 9, k: 0 });
    expect(notices).toEqual(['k shrank from 10 to 0: the number of rows that differ is 1']);
    expect(await buildGraph(matrixFrom([[1, 2]]))).toMatchObject({ rows: 1, k: 0 });
  });
});

test('a graph survives its files; foreign files may list the row itself', async () => {
  const folder = temporaryFolder();
  const graph = await buildGraph(clusteredMatrix(50, 4), { k: 4 });
  await writeGraph(folder, graph);
  expect(readGraph(folder)).toEqual(graph);

  const [neighbours, distances] = [join(folder, 'n.npy'), join(folder, 'd.npy')];
  await writeNpy(neighbours, new BigInt64Array([0n, 1n, 2n, 1n, 2n, 0n, 0n, 1n, 2n]), [3, 3]);
  await writeNpy(distances, new Float64Array([0, 1, 2, 0, 3, 4, 0, 0, 5]), [3, 3]);
  const foreign = readNeighbourFiles(neighbours, distances);
  expect(Array.from(foreign.neighbours)).toEqual([1, 2, 2, 0, 0, 1]);
  expect(Array.from(foreign.distances)).toEqual([1, 2, 3, 4, 0, 0]);
  expect(readNeighbourFiles(neighbours, distances, 1).k).toBe(1);
  expect(() => readNeighbourFiles(neighbours, distances, 3)).toThrow(
    /list 2 neighbours per row besides the row itself/,
  );
  await writeNpy(neighbours, new Int32Array([0, 1, 2, 1, 2, 9, 0, 1, 2]), [3, 3]);
  expect(() => readNeighbourFiles(neighbours, distances)).toThrow(/row 1 lists neighbour 9; rows go from 0 to 2/);
  await writeNpy(distances, new Float64Array([0, 1, 2, 0, -3, 4, 0, 0, 5]), [3, 3]);
  await writeNpy(neighbours, new Int32Array([0, 1, 2, 1, 2, 0, 0, 1, 2]), [3, 3]);
  expect(() => readNeighbourFiles(neighbours, distances)).toThrow(/row 1, column 1 is -3/);
});

describe('forward message passing', () => {
  const graph = {
    rows: 3,
    k: 1,
    neighbours: new Int32Array([1, 0, 1]),
    distances: new Float64Array([0.5, 0.5, 2]),
    representative: new Int32Array([0, 1, 2]),
  };
  const scores = [0.2, 0.4, 1];

  test('adds the scores of the neighbours, scaled by distance (equations 2 and 3)', () => {
    const directed = forwardScores(adjacencyOf(graph, 'directed'), scores, {
      edges: 'directed',
      kernel: 'gaussian',
      gammaForward: 2,
    });
    expect(Array.from(directed)).toEqual([
      0.2 + Math.exp(-0.5) * 0.4,
      0.4 + Math.exp(-0.5) * 0.2,
      1 + Math.exp(-8) * 0.4,
    ]);
  });

  test('symmetric edges count from both sides, once', () => {
    const symmetric = forwardScores(adjacencyOf(graph, 'symmetric'), scores);
    expect(symmetric[1]).toBeCloseTo(0.4 + Math.exp(-0.5) * 0.2 + Math.exp(-2) * 1, 14);
    expect(symmetric[0]).toBeCloseTo(0.2 + Math.exp(-0.5) * 0.4, 14);
  });

  test('product multiplies the sum of messages by the own score', () => {
    const product = forwardScores(adjacencyOf(graph, 'directed'), scores, { edges: 'directed', aggregate: 'product' });
    expect(product[2]).toBeCloseTo(1 * Math.exp(-2) * 0.4, 14);
  });

  test('scaling the scores scales the result', () => {
    const adjacency = adjacencyOf(graph, 'directed');
    const once = forwardScores(adjacency, scores, { edges: 'directed' });
    const eightfold = forwardScores(
      adjacency,
      scores.map((x) => 8 * x),
      { edges: 'directed' },
    );
    expect(Array.from(eightfold)).toEqual(Array.from(once, (x) => 8 * x));
  });

  test('bad options are named', () => {
    const adjacency = adjacencyOf(graph, 'directed');
    expect(() => forwardScores(adjacency, [1])).toThrow('there are 1 scores for 3 rows');
    expect(() => forwardScores(adjacency, scores, { gammaForward: -1 })).toThrow(
      'gammaForward must be a number of at least 0, got -1',
    );
    expect(() => forwardScores(adjacency, scores, { kernel: 'box' as 'gaussian' })).toThrow(
      "kernel 'box' is not known",
    );
  });
});
