import { createMatrix, type Diagnostics, type Matrix, matrixFrom, seededRandom, takeRows } from '@coreset/core';
import { buildGraph, estimateRecall, type GraphOptions } from '@coreset/graph';
import { exactQmax } from '@coreset/kernels';
import { expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { goodEnough } from '../dist/build-graph.js';
import { exactCandidates, exactNeighbours } from '../dist/exact/exact.js';
import { defaultLists, defaultProbes, ivfNeighbours } from '../dist/ivf/ivf.js';
import { principalAxes } from '../dist/pca/principal-axes.js';

/** Takes what is told of the stage `graph`. */
function listener(): { facts: () => Diagnostics; onDiagnostics: (stage: string, facts: Diagnostics) => void } {
  let told: Diagnostics = {};
  return {
    facts: () => told,
    onDiagnostics: (stage, facts) => {
      expect(stage).toBe('graph');
      told = { ...told, ...facts };
    },
  };
}

async function factsOf(matrix: Matrix, options: GraphOptions = {}): Promise<Diagnostics> {
  const { facts, onDiagnostics } = listener();
  await buildGraph(matrix, { ...options, onDiagnostics });
  return facts();
}

/** Groups of rows that lie so far from each other that the rows of one have the same codes. */
function farGroups(sizes: number[]): Matrix {
  const random = seededRandom(5);
  const matrix = createMatrix(
    sizes.reduce((sum, size) => sum + size, 0),
    8,
  );
  let row = 0;
  sizes.forEach((size, group) => {
    for (const end = row + size; row < end; row++)
      for (let c = 0; c < 8; c++)
        matrix.data[row * 8 + c] = ((group >> (c % 2)) & 1 ? 1000 : -1000) + 0.01 * random.uniform();
  });
  return matrix;
}

test('what was asked and what was done: k, back end, groups of duplicates', async () => {
  const distinct = clusteredMatrix(8, 4);
  const matrix = takeRows(distinct, [0, 1, 2, 2, 3, 0, 4, 0, 5, 6, 7]);
  expect(await factsOf(matrix)).toMatchObject({
    rows: 11,
    cols: 4,
    kAsked: 10,
    k: 7,
    backendAsked: 'auto',
    backend: 'exact',
    groupDuplicates: true,
    distinct: 8,
    duplicateGroups: 2,
  });
  expect(await factsOf(matrix, { groupDuplicates: false, k: 3, backend: 'exact' })).toMatchObject({
    kAsked: 3,
    k: 3,
    backendAsked: 'exact',
    groupDuplicates: false,
    distinct: 11,
    duplicateGroups: 0,
  });
  expect(await factsOf(matrixFrom([[1, 2]]))).not.toHaveProperty('qmax');
});

test('exact: which share was verified in the first search, in the second, and what was left to float32', async () => {
  const k = 10;
  const candidates = await exactCandidates(k);
  // A list is verified when all rows of its group are candidates: 256 of them in the second search.
  const sizes = [candidates - 5, 100, 400];
  const rows = sizes[0] + 500;
  const facts = await factsOf(farGroups(sizes), { k });
  expect(facts).toMatchObject({
    qmax: await exactQmax(),
    candidates,
    pairs: true,
    verifiedFirst: sizes[0] / rows,
    verifiedSecond: 100 / rows,
    searchedInFloat32: 400 / rows,
  });
  expect(await factsOf(clusteredMatrix(500, 8))).toMatchObject({
    verifiedFirst: 1,
    verifiedSecond: 0,
    searchedInFloat32: 0,
  });
});

test('ivf: lists, probes, seed, axes, candidates and the rounds that were done', async () => {
  const matrix = clusteredMatrix(3000, 12, 3, 8);
  const facts = await factsOf(matrix, { backend: 'ivf', seed: 3 });
  const lists = defaultLists(3000);
  const axes = await principalAxes(matrix);
  expect(facts).toMatchObject({
    backend: 'ivf',
    qmax: await exactQmax(),
    lists,
    probes: defaultProbes(lists, 10),
    seed: 3,
    candidates: 20,
    maxDescentRounds: 4,
    completedExactly: 0,
    recall: null,
    principalAxes: axes?.rows ?? null,
  });
  const thin = createMatrix(3000, 40);
  for (let i = 0; i < thin.data.length; i++) thin.data[i] = matrix.data[Math.floor(i / 40) * 12 + (i % 3)];
  expect((await factsOf(thin, { backend: 'ivf' })).principalAxes).toBe((await principalAxes(thin))?.rows);
  expect((await principalAxes(thin))?.rows).toBeLessThan(40);
});

test('ivf: one round of NN-descent less, and the graph is another; one more is not done', async () => {
  const matrix = clusteredMatrix(3000, 12, 3, 8);
  const { facts, onDiagnostics } = listener();
  const options = { lists: 300, probes: 20 };
  const found = await ivfNeighbours(matrix, 10, { ...options, onDiagnostics });
  const rounds = facts().descentRounds as number;
  expect(rounds).toBeGreaterThan(0);
  expect(rounds).toBeLessThanOrEqual(4);
  expect(await ivfNeighbours(matrix, 10, { ...options, descentRounds: rounds })).toEqual(found);
  expect(await ivfNeighbours(matrix, 10, { ...options, descentRounds: rounds - 1, onDiagnostics })).not.toEqual(found);
  expect(facts()).toMatchObject({ descentRounds: rounds - 1, maxDescentRounds: rounds - 1 });
});

test('ivf: rows that are completed by an exact search are counted, and that search is not taken for that of all', async () => {
  const { facts, onDiagnostics } = listener();
  const options = { lists: 2000, probes: 1, descentRounds: 0, onDiagnostics };
  await ivfNeighbours(clusteredMatrix(2000, 12, 3, 8), 10, options);
  expect(facts()).toMatchObject({ lists: 2000, descentRounds: 0, completedExactly: 2000 });
  expect(facts()).not.toHaveProperty('verifiedFirst');
});

test('auto: each attempt with its recall, and of the lists searched those of the last', async () => {
  const matrix = clusteredMatrix(4000, 24, 3, 4);
  const { facts, onDiagnostics } = listener();
  const told: Diagnostics[] = [];
  const found = await goodEnough(matrix, 10, {
    lists: 400,
    probes: 4,
    descentRounds: 0,
    onDiagnostics(stage, some) {
      told.push(some);
      onDiagnostics(stage, some);
    },
  });
  const { attempts, recall, probes } = facts();
  const few = await ivfNeighbours(matrix, 10, { lists: 400, probes: 4, descentRounds: 0 });
  const tried = attempts as { lists: number; probes: number; recall: number }[];
  expect(tried.length).toBeGreaterThan(1);
  expect(told[0]).toEqual({ attempts: tried.slice(0, 1) });
  expect(tried[0]).toEqual({ lists: 400, probes: 4, recall: await estimateRecall(matrix, few, 10, {}) });
  expect(tried.at(-1)).toEqual({ lists: 400, probes, recall });
  expect(recall).toBe(await estimateRecall(matrix, found, 10, {}));
  expect(await ivfNeighbours(matrix, 10, { lists: 400, probes: probes as number, descentRounds: 0 })).toEqual(found);
});

test('auto: where all rows are searched in the end, that is what is told', async () => {
  const matrix = clusteredMatrix(1500, 24, 3, 4);
  const { facts, onDiagnostics } = listener();
  await goodEnough(matrix, 10, { lists: 20, probes: 1, descentRounds: 0, onDiagnostics });
  expect(facts()).toMatchObject({ backend: 'exact', verifiedFirst: expect.any(Number) });
  expect(facts().attempts).toEqual([{ lists: 20, probes: 1, recall: expect.any(Number) }]);
  for (const name of ['lists', 'probes', 'recall']) expect(facts()).not.toHaveProperty(name);
});

test('hnsw: its parameters', async () => {
  const matrix = clusteredMatrix(300, 6);
  const options = { backend: 'hnsw', k: 40 } as const;
  const facts = await factsOf(matrix, options);
  expect(facts).toMatchObject({ backend: 'hnsw', m: 16, efConstruction: 200, efSearch: 80, seed: 100 });
  expect(await factsOf(matrix, { ...options, m: 8, efConstruction: 50, efSearch: 90, seed: 2 })).toMatchObject({
    m: 8,
    efConstruction: 50,
    efSearch: 90,
    seed: 2,
  });
});

test('a graph is the same whether somebody listens or not, and so is what is told, for any number of threads', async () => {
  const matrix = farGroups([30, 100, 300]);
  const plain = await buildGraph(matrix, { k: 5, threads: 2 });
  expect(await buildGraph(matrix, { k: 5, threads: 2, onDiagnostics: () => {} })).toEqual(plain);
  expect(await factsOf(matrix, { k: 5, threads: 1 })).toEqual(await factsOf(matrix, { k: 5, threads: 2 }));
  const { facts, onDiagnostics } = listener();
  await exactNeighbours(matrix, 5, { onDiagnostics }, Int32Array.of(3, 7));
  expect(facts()).toEqual({});
});
