import { range } from '@coreset/core';
import { coverage, coverageCurves, linearProbe } from '@coreset/metrics';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { expectAborts, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const vectors = clusteredMatrix(5000, 4);
const labels = Int32Array.from({ length: vectors.rows }, (_, i) => i % 3);
const order = range(0, vectors.rows);

describe.each([
  ['coverage', (signal?: AbortSignal) => coverage(vectors, order.subarray(0, 4500), { signal })],
  ['coverageCurves', (signal?: AbortSignal) => coverageCurves(vectors, [order], { signal })],
  ['linearProbe', (signal?: AbortSignal) => linearProbe(vectors, labels, vectors, labels, { signal })],
])('%s', (_, work) => {
  test('ends when it is aborted', async () => {
    turnAtEachStep();
    const turns = await turnsOf(work());
    expect(turns).toBeGreaterThan(2);
    await expectAborts(work, turns, [0, 0.3, 0.6]);
  });
});

test('a linear probe takes classes by whatever numbers, and refuses what is no class', async () => {
  const train = clusteredMatrix(200, 6, 3, 2);
  const classes = Int32Array.from({ length: 200 }, (_, i) => (train.data[6 * i] > 0 ? 1 : 0));
  const huge = classes.map((label) => 2 ** 31 - 1 - label * 2 ** 30);
  expect(await linearProbe(train, huge, train, huge)).toBe(await linearProbe(train, classes, train, classes));
  await expect(linearProbe(train, classes.fill(-1), train, huge)).rejects.toThrow(
    'row 0: label -1 is not a whole number',
  );
  const many = clusteredMatrix(40_000, 1);
  await expect(linearProbe(many, range(0, 40_000), many, range(0, 40_000))).rejects.toThrow(
    'the linear probe needs rows × classes numbers, and 40000 rows have 40000 classes; give labels of fewer classes',
  );
  for (const options of [{ iterations: 0 }, { penalty: -1 }])
    await expect(linearProbe(train, huge, train, huge, options)).rejects.toThrow(
      /must be a (whole )?number of at least/,
    );
});

test('numbers of points and of sampled rows are checked', async () => {
  await expect(coverageCurves(vectors, [order], { points: 0 })).rejects.toThrow('points must be a whole number');
  await expect(coverageCurves(vectors, [order], { sampleSize: 0.5 })).rejects.toThrow(
    'sampleSize must be a whole number',
  );
  await expect(coverageCurves(vectors, [order], { seed: -1 })).rejects.toThrow('seed must be a whole number');
});
