import { join } from 'node:path';
import {
  type Matrix,
  matrixFrom,
  openNpyVectors,
  range,
  seededRandom,
  subsetOf,
  type Vectors,
  writeNpy,
} from '@coreset/core';
import { buildGraph, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { explain } from '@coreset/selector';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';
import { abortAfter, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

const folder = temporaryFolder();
const K = 4;

/** Each row lists the row before and the one behind it, so far apart. */
function chain(rows: number, length: number): NeighbourGraph {
  const neighbours = Int32Array.from({ length: 2 * rows }, (_, e) => ((e >> 1) + rows + (e % 2 === 0 ? 1 : -1)) % rows);
  return {
    rows,
    k: 2,
    neighbours,
    distances: new Float32Array(2 * rows).fill(length),
    representative: noDuplicates(rows),
  };
}

/** A direction in the plane, at a cosine to the first axis, and so long. */
const at = (cosine: number, length: number): number[] => [length * cosine, length * Math.sqrt(1 - cosine * cosine)];

test('the reason is by the cosine to the kept row, whatever the lengths of the vectors, then by their distance', async () => {
  const cosines = [0.95, 0.9, 0.8999, 0.5, 0.2, 0, -0.5];
  for (const length of [1, 20, 1e-6, 1e12]) {
    for (const [cosine, reason] of cosines.map((one) => [one, one >= 0.9 ? 'near-duplicate' : undefined] as const)) {
      // A row of half the length of the kept one; rows 2 and 3 keep the chain from being a ring of two.
      const vectors = matrixFrom([at(1, length), at(cosine, length / 2), at(-1, length), at(-1, length)]);
      const squared = length ** 2 * (1 + 0.25 - cosine);
      for (const [share, isNear] of [
        [1.001, true],
        [0.999, false],
      ] as const) {
        const graph = chain(4, Math.sqrt(squared * share));
        const { by, similarity, reasons, weights } = await explain([0], { vectors, graph });
        expect(similarity[1]).toBeCloseTo(cosine, 6);
        expect(similarity[1] * 1e6).toBeCloseTo(Math.round(similarity[1] * 1e6), 6);
        expect(reasons[1]).toBe(reason ?? (isNear ? 'redundant' : 'outranked'));
        expect([reasons[0], similarity[0]]).toEqual([undefined, 1]);
        expect(Array.from(by)).toEqual([0, 0, 0, 0]);
        expect(Array.from(weights)).toEqual([4, 0, 0, 0]);
      }
    }
  }
});

test('another least cosine of near-duplicates, its ends among them', async () => {
  const vectors = matrixFrom([at(1, 3), at(0.6, 2), at(-0.3, 1)]);
  const reasonAt = async (nearDuplicate: number): Promise<unknown[]> =>
    (await explain([0], { vectors, graph: chain(3, 0.1) }, { nearDuplicate })).reasons.slice(1);
  expect(await reasonAt(0.6)).toEqual(['near-duplicate', 'outranked']);
  expect(await reasonAt(0.601)).toEqual(['outranked', 'outranked']);
  expect(await reasonAt(0)).toEqual(['near-duplicate', 'outranked']);
  expect(await reasonAt(1)).toEqual(['outranked', 'outranked']);
  for (const wrong of [-0.1, 1.01, Number.NaN, '0.9'])
    await expect(reasonAt(wrong as number)).rejects.toThrow('nearDuplicate must be a number from 0 to 1, got');
});

test('contents, vectors and rows that were left out', async () => {
  const [a, b] = [at(1, 1), at(0.6, 1)];
  // Row 1 repeats the content of 0, row 2 has its vector alone, row 4 repeats the content of 3, which is dropped.
  const vectors = matrixFrom([a, a, a, b, b, at(-1, 1), at(-1, 2)]);
  const contentRepresentative = Int32Array.of(0, 0, 2, 3, 3, 5, 6);
  const graph = await buildGraph(vectors, { k: 2 });
  const onDiagnostics = vi.fn();
  const told = await explain([0], { vectors, graph, contentRepresentative, leftOut: [6], onDiagnostics });
  // Of rows 0, 3, 5 and 6 to their nearest neighbours: duplicates do not count.
  const squares = [0.8, 0.8, 1, 1];
  const near = squares.reduce((sum, square) => sum + square) / squares.length;
  expect(onDiagnostics).toHaveBeenCalledWith('select', {
    nearDuplicate: 0.9,
    redundantWithin: expect.closeTo(Math.sqrt(near), 6),
  });
  expect(told.reasons).toEqual([
    undefined,
    'duplicate',
    'indistinguishable',
    'redundant',
    'duplicate',
    'outranked',
    undefined,
  ]);
  expect(Array.from(told.similarity)).toEqual([1, 1, 1, 0.6, 0.6, -1, Number.NaN]);
  expect(Array.from(told.by)).toEqual([0, 0, 0, 0, 0, 0, -1]);
  expect(Array.from(told.weights)).toEqual([6, 0, 0, 0, 0, 0, 0]);
  const other = await explain([2, 3], { vectors, graph, contentRepresentative });
  expect(other.reasons.slice(0, 2)).toEqual(['indistinguishable', 'duplicate']);
  expect(Array.from(other.by.slice(0, 5))).toEqual([2, 2, 2, 3, 3]);
});

test('no kept row within two edges, and rows of zeros', async () => {
  const vectors = matrixFrom([
    [1, 0],
    [2, 0],
    [3, 0],
    [0, 0],
    [0, 0],
    [9, 0],
  ]);
  const { by, similarity, reasons, weights } = await explain([0, 3], { vectors, graph: chain(6, 0.1) });
  expect(Array.from(by)).toEqual([0, 0, 3, 3, 3, 0]);
  expect(Array.from(similarity)).toEqual([1, 1, 0, 1, 1, 1]);
  expect(weights.reduce((sum, weight) => sum + weight)).toBe(6);
  expect(reasons).toEqual([undefined, 'near-duplicate', 'outranked', undefined, 'near-duplicate', 'near-duplicate']);
  const far = await explain([0], { vectors, graph: chain(6, 0.1) });
  expect(Array.from(far.by)).toEqual([0, 0, 0, -1, 0, 0]);
  expect([far.reasons[3], far.similarity[3], far.similarity[4]]).toEqual(['outranked', Number.NaN, 0]);
  expect(far.weights[0]).toBe(5);
});

describe('vectors', () => {
  const rows = 6000;
  const cols = 400;
  const random = seededRandom(2);
  const matrix: Matrix = clusteredMatrix(rows, cols, 3, 40);
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] *= 1 + (Math.floor(i / cols) % 5);
  const graph = chain(rows, 0.4);
  for (let e = 0; e < graph.neighbours.length; e++) {
    const other = random.below(rows);
    graph.neighbours[e] = other === e >> 1 ? (other + 1) % rows : other;
  }
  const order = Array.from({ length: rows / K }, (_, p) => p * K + (p % K));

  /** By the definition, in float64. */
  function plainCosine(a: number, b: number): number {
    const [x, y] = [a, b].map((row) => Array.from(matrix.data.subarray(row * cols, (row + 1) * cols)));
    const product = (one: number[], other: number[]): number =>
      one.reduce((sum, value, c) => sum + value * other[c], 0);
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
  }

  test('in a file, in part of one and in memory give the same, which is the cosine', async () => {
    const path = join(folder, 'vectors.npy');
    await writeNpy(path, matrix.data, [rows, cols]);
    const told = await explain(order, { vectors: matrix, graph });
    for (let row = 0; row < rows; row += 7)
      if (told.by[row] >= 0) expect(told.similarity[row]).toBeCloseTo(plainCosine(row, told.by[row]), 5);
    expect(await explain(order, { vectors: openNpyVectors(path), graph })).toEqual(told);
    const longer = join(folder, 'longer.npy');
    const data = new Float32Array((rows + 1) * cols).fill(9);
    data.set(matrix.data, cols);
    await writeNpy(longer, data, [rows + 1, cols]);
    const part = subsetOf(openNpyVectors(longer), range(1, rows + 1));
    expect(await explain(order, { vectors: part, graph })).toEqual(told);
  });

  test('are looked at in steps', async () => {
    turnAtEachStep();
    const work = (vectors: Vectors, signal?: AbortSignal): Promise<unknown> =>
      explain(order, { vectors, graph, signal });
    const turns = await turnsOf(work(matrix));
    expect(turns).toBeGreaterThan(8);
    expect(turns).toBeGreaterThan((await turnsOf(work(clusteredMatrix(rows, 2)))) + 1);
    for (const share of [0, 0.5, 0.9]) {
      const stopped = await abortAfter(1 + Math.floor(share * turns), (signal) => work(matrix, signal));
      expect(stopped?.reason).toEqual(new Error('enough'));
    }
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });
});

test('an option that there is not, and vectors of other rows than the graph, are refused', async () => {
  const vectors = matrixFrom([
    [1, 0],
    [0, 1],
  ]);
  await expect(explain([0], { vectors, graph: chain(3, 1) })).rejects.toThrow('the graph has 3 rows, not 2');
  await expect(explain([0], { vectors, graph: chain(2, 1) }, { nearDup: 1 } as never)).rejects.toThrow(
    "explain has no option 'nearDup'",
  );
});

test('a row repeats the kept one with its content, earlier or later, and none that was left out', async () => {
  const [a, b, c] = [at(1, 1), at(0.2, 1), at(-0.9, 1)];
  const vectors = matrixFrom([a, b, a, c]);
  const contentRepresentative = Int32Array.of(0, 1, 0, 3);
  const graph = await buildGraph(vectors, { k: 2 });
  const later = await explain([2], { vectors, graph, contentRepresentative });
  expect([later.reasons[0], later.duplicateOf[0], later.by[0]]).toEqual(['duplicate', 2, 2]);
  const without = await explain([3], { vectors, graph, contentRepresentative, leftOut: [0] });
  expect([without.reasons[0], without.reasons[2], without.duplicateOf[2]]).toEqual([undefined, 'outranked', -1]);
  const first = await explain([3], { vectors, graph, contentRepresentative });
  expect([first.reasons[0], first.reasons[2], first.duplicateOf[2]]).toEqual(['outranked', 'duplicate', 0]);
});
