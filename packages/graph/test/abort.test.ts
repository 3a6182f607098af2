import { join } from 'node:path';
import { matrixFrom, writeNpy } from '@coreset/core';
import { buildGraph, type GraphBackend, readGraph, readNeighbourFiles } from '@coreset/graph';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix, temporaryFolder } from '../../../test/support.ts';
import { expectAborts, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const vectors = clusteredMatrix(3000, 8);
for (let row = 0; row < vectors.rows; row += 9) vectors.data.copyWithin(row * 8, 0, 8);

describe.each(['exact', 'ivf', 'hnsw'] satisfies GraphBackend[])('%s', (backend) => {
  test('ends when it is aborted', async () => {
    turnAtEachStep();
    const work = (signal?: AbortSignal) => buildGraph(vectors, { backend, k: 5, signal });
    await work(); // loads what it needs
    const turns = await turnsOf(work());
    expect(turns).toBeGreaterThan(backend === 'hnsw' ? 2 * 2600 : 10);
    await expectAborts(work, turns, [0, 0.05, 0.5], backend === 'hnsw');
  });
});

test('options of the hnsw index have limits', async () => {
  const four = matrixFrom([[0], [1], [2], [4]]);
  for (const [name, wrong, limits] of [
    ['m', 1, '2 to 1000'],
    ['efConstruction', 0, '1 to 1000000'],
    ['efSearch', 0.5, '1 to 1000000'],
  ] as const) {
    await expect(buildGraph(four, { backend: 'hnsw', k: 1, [name]: wrong })).rejects.toThrow(
      `${name} must be a whole number from ${limits}, got ${wrong}`,
    );
  }
  for (const backend of ['exact', 'ivf', 'hnsw'] as const)
    await expect(buildGraph(four, { backend, k: 1, seed: 0.5 })).rejects.toThrow('seed must be a whole number from 0');
});

test('seeds of the hnsw index count beyond 32 bits', async () => {
  const rows = clusteredMatrix(1500, 16, 4, 60);
  const listed = async (seed: number): Promise<string> => {
    const { neighbours } = await buildGraph(rows, {
      backend: 'hnsw',
      k: 8,
      m: 2,
      efConstruction: 9,
      efSearch: 9,
      seed,
    });
    return neighbours.join();
  };
  expect(await listed(7)).toBe(await listed(7));
  expect(await listed(7 + 2 ** 32)).not.toBe(await listed(7));
});

test('row numbers of 64 bits are not taken modulo 2^32', async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  await writeNpy(at('distances.npy'), Float32Array.of(1, 1), [2, 1]);
  for (const wrong of [2n ** 32n, -(2n ** 32n) + 1n, 2n ** 62n]) {
    await writeNpy(at('neighbours.npy'), BigInt64Array.of(1n, wrong), [2, 1]);
    expect(() => readNeighbourFiles(at('neighbours.npy'), at('distances.npy'))).toThrow(
      `row 1 lists neighbour ${wrong}; rows go from 0 to 1`,
    );
  }
  await writeNpy(at('neighbours.npy'), BigInt64Array.of(1n, 0n), [2, 1]);
  for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    await writeNpy(at('distances.npy'), Float32Array.of(1, wrong), [2, 1]);
    expect(() => readNeighbourFiles(at('neighbours.npy'), at('distances.npy'))).toThrow(`row 1, column 0 is ${wrong}`);
  }
});

test('a representative has to represent itself', async () => {
  const folder = temporaryFolder();
  await writeNpy(join(folder, 'neighbours.npy'), Int32Array.of(1, 0, 0), [3, 1]);
  await writeNpy(join(folder, 'distances.npy'), Float32Array.of(1, 1, 1), [3, 1]);
  for (const [wrong, message] of [
    [Int32Array.of(0, 0, 1), 'row 2 is represented by 1'],
    [BigInt64Array.of(0n, 2n ** 32n, 2n), 'row 1 is represented by -1'],
  ] as const) {
    await writeNpy(join(folder, 'duplicates.npy'), wrong);
    expect(() => readGraph(folder)).toThrow(message);
  }
});
