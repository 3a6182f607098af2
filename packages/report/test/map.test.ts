import { type Matrix, matrixFrom } from '@coreset/core';
import { buildGraph, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { layOut, mapCost, mapMethod } from '@coreset/report';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { memberships } from '../dist/map/memberships.js';

const ROWS = 400;
const CLUSTERS = 8;

/** Each row's cluster, and rows in which each row of 0 … 39 is repeated by one at the end. */
async function clustered(): Promise<{ vectors: Matrix; graph: NeighbourGraph }> {
  const vectors = clusteredMatrix(ROWS, 24, 3, CLUSTERS);
  vectors.data.copyWithin((ROWS - 40) * 24, 0, 40 * 24);
  return { vectors, graph: await buildGraph(vectors, { k: 12, threads: 1 }) };
}

const distance = (map: Float32Array, i: number, j: number): number =>
  Math.hypot(map[2 * i] - map[2 * j], map[2 * i + 1] - map[2 * j + 1]);

/** Of the 10 nearest rows on the map the share that is among the neighbours in the graph. */
function keptNeighbours(map: Float32Array, { rows, k, neighbours, representative }: NeighbourGraph): number {
  let kept = 0;
  let all = 0;
  for (let row = 0; row < rows; row++) {
    if (representative[row] !== row) continue;
    const others = Array.from(representative.keys()).filter(
      (other) => other !== row && representative[other] === other,
    );
    others.sort((a, b) => distance(map, row, a) - distance(map, row, b));
    const listed = new Set(neighbours.subarray(row * k, (row + 1) * k));
    kept += others.slice(0, 10).filter((other) => listed.has(other)).length;
    all += 10;
  }
  return kept / all;
}

test('UMAP keeps neighbours together far better than PCA, and rows of the same vector at one place', async () => {
  const { vectors, graph } = await clustered();
  const umap = await layOut(vectors, graph, { method: 'umap' });
  const pca = await layOut(vectors, graph, { method: 'pca' });
  expect([umap.length, pca.length]).toEqual([2 * ROWS, 2 * ROWS]);
  expect(umap.every(Number.isFinite)).toBe(true);
  for (let i = 0; i < 40; i++) {
    expect(distance(umap, i, ROWS - 40 + i)).toBe(0);
    expect(distance(pca, i, ROWS - 40 + i)).toBe(0);
  }
  expect(keptNeighbours(umap, graph)).toBeGreaterThan(0.45);
  expect(keptNeighbours(umap, graph)).toBeGreaterThan(1.5 * keptNeighbours(pca, graph));
});

test('a map is the same for any number of threads, and UMAP another for another seed', async () => {
  const { vectors, graph } = await clustered();
  const one = await layOut(vectors, graph, { threads: 1 });
  expect(await layOut(vectors, graph, { threads: 2 })).toEqual(one);
  expect(await layOut(vectors, graph, { seed: 0, method: 'umap' })).toEqual(one);
  expect(await layOut(vectors, graph, { seed: 1 })).not.toEqual(one);
  const pca = await layOut(vectors, graph, { method: 'pca' });
  expect(await layOut(vectors, graph, { method: 'pca', seed: 1, threads: 2 })).toEqual(pca);
});

test('PCA lays rows out by the lengths that they have', async () => {
  const vectors = matrixFrom([
    [0, 0, 4],
    [8, 0, 4],
    [4, 1, 4],
    [4, -1, 4],
  ]);
  const graph = await buildGraph(vectors, { k: 2 });
  const map = await layOut(vectors, graph, { method: 'pca' });
  expect(Array.from(map, (place) => Math.round(1000 * place) / 1000 + 0)).toEqual([-4, 0, 4, 0, 0, 1, 0, -1]);
});

test('one row, two, and rows that are all the same', async () => {
  for (const rows of [
    [[1, 2]],
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [1, 2],
      [1, 2],
    ],
    [[1], [2], [5]],
  ]) {
    const vectors = matrixFrom(rows);
    const graph = await buildGraph(vectors, { k: Math.max(1, Math.min(2, rows.length - 1)), onNotice: () => {} });
    for (const method of ['umap', 'pca'] as const) {
      const map = await layOut(vectors, graph, { method });
      expect(map.length).toBe(2 * rows.length);
      expect(map.every(Number.isFinite), `${method} of ${JSON.stringify(rows)}`).toBe(true);
    }
  }
});

test('enormous vectors have a map', async () => {
  const { vectors, graph } = await clustered();
  const huge = { ...vectors, data: vectors.data.map((value) => value * 2 ** 120) };
  for (const method of ['umap', 'pca'] as const)
    expect((await layOut(huge, graph, { method })).every(Number.isFinite)).toBe(true);
});

test('memberships are 1 for the nearest, add up to log2 k, and join both ends', () => {
  const graph: NeighbourGraph = {
    rows: 4,
    k: 3,
    neighbours: Int32Array.of(1, 2, 3, 0, 2, 3, 1, 0, 3, 2, 1, 0),
    distances: Float64Array.of(1, 2, 4, 1, 1.5, 3, 1.5, 2, 2.5, 2.5, 3, 4),
    representative: noDuplicates(4),
  };
  // By bisection of exp(−(d − nearest) / scale) over each list.
  const scaleOf = (list: number[]): number => {
    let [low, high] = [1e-9, 1e9];
    for (let i = 0; i < 200; i++) {
      const scale = (low + high) / 2;
      const sum = list.reduce((all, d) => all + Math.exp(-(d - list[0]) / scale), 0);
      if (sum > Math.log2(3)) high = scale;
      else low = scale;
    }
    return low;
  };
  const lists = [0, 1, 2, 3].map((row) => Array.from(graph.distances.subarray(3 * row, 3 * row + 3)));
  const own = (row: number, other: number): number => {
    const list = lists[row];
    const at = graph.neighbours.subarray(3 * row, 3 * row + 3).indexOf(other);
    return Math.exp(-(list[at] - list[0]) / scaleOf(list));
  };
  const { from, to, weight } = memberships(graph, 15);
  expect(from.length).toBe(12);
  expect(Array.from(from)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  from.forEach((row, e) => {
    const [a, b] = [own(row, to[e]), own(to[e], row)];
    expect(weight[e]).toBeCloseTo(a + b - a * b, 4);
  });
  expect(new Set(Array.from(from, (row, e) => `${row}-${to[e]}`)).size).toBe(12);
  // Of two neighbours row 3 lists 0 no more, nor 0 it.
  const fewer = memberships(graph, 2);
  expect(Array.from(fewer.from, (row, e) => [row, fewer.to[e]]).filter(([row]) => row === 3)).toEqual([
    [3, 2],
    [3, 1],
  ]);
});

test('auto is UMAP of up to 50,000 rows, and what is no method is refused', async () => {
  expect([mapMethod(50_000), mapMethod(50_001), mapMethod(10, 'none'), mapMethod(1e6, 'umap')]).toEqual([
    'umap',
    'pca',
    undefined,
    'umap',
  ]);
  expect(() => mapMethod(1, 'tsne' as never)).toThrow("map 'tsne' is not known; use one of auto, pca, umap, none");
  const { vectors, graph } = await clustered();
  await expect(layOut(clusteredMatrix(9, 24), graph)).rejects.toThrow('the graph has 400 rows, the vectors have 9');
  await expect(layOut(vectors, graph, { seed: -1 })).rejects.toThrow('seed must be');
  await expect(layOut(vectors, graph, { methode: 'pca' } as never)).rejects.toThrow("did you mean 'method'");
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(layOut(vectors, graph, { signal })).rejects.toThrow('enough');
});

test('the cost of UMAP grows with rows and neighbours, that of PCA with the numbers', () => {
  const of = (rows: number, choice: 'umap' | 'pca', k = 32): number => mapCost({ rows, cols: 384, k, choice }).serial;
  expect(of(100_000, 'umap')).toBeGreaterThan(5 * of(100_000, 'pca'));
  expect(of(100_000, 'umap', 5)).toBeLessThan(0.5 * of(100_000, 'umap'));
  expect(mapCost({ rows: 1000, cols: 384, k: 10, choice: 'none' })).toMatchObject({ serial: 0, disk: 0 });
  expect(mapCost({ rows: 1000, cols: 384, k: 10 }).disk).toBe(8000);
});
