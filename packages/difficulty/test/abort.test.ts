import { createMatrix } from '@coreset/core';
import { difficultyScores, kmeans, prototypeDistance, scaleScores } from '@coreset/difficulty';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { expectAborts, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const vectors = clusteredMatrix(20_000, 4);
const classes = Array.from({ length: 20_000 }, (_, row) => row % 3);
const few = { ...vectors, data: vectors.data.slice(0, 4 * 600), rows: 600 };

describe.each([
  ['kmeans', (signal?: AbortSignal) => kmeans(vectors, { prototypes: 300, sampleSize: 40, signal })],
  ['kmeans of angles', (signal?: AbortSignal) => kmeans(vectors, { metric: 'cosine', signal })],
  ['ml-kmeans', (signal?: AbortSignal) => kmeans(few, { backend: 'ml-kmeans', tolerance: 0, signal })],
  ['prototypeDistance', (signal?: AbortSignal) => prototypeDistance(vectors, few, { signal })],
  ['difficultyScores', (signal?: AbortSignal) => difficultyScores(vectors, { signal })],
  ['aum', (signal?: AbortSignal) => difficultyScores(vectors, { difficulty: 'aum', labels: classes, signal })],
])('%s', (_, work) => {
  test('ends when it is aborted', async () => {
    turnAtEachStep();
    const turns = await turnsOf(work());
    expect(turns).toBeGreaterThan(4);
    await expectAborts(work, turns, [0, 0.2, 0.6]);
  });
});

test('rows that lie on their prototypes are done after one pass', async () => {
  const rows = createMatrix(40, 2);
  rows.data.set(Array.from({ length: 80 }, (_, i) => 8 * (i % 4)));
  const { inertia, iterations } = await kmeans(rows, { prototypes: 2, iterations: 20 });
  expect(inertia).toBe(0);
  expect(iterations).toBe(1);
});

test('scores whose range is beyond the greatest number are scaled all the same', () => {
  expect(Array.from(scaleScores([1e308, -1e308, 0]))).toEqual([1, 0, 0.5]);
  expect(Array.from(scaleScores([Number.MAX_VALUE, -Number.MAX_VALUE]))).toEqual([1, 0]);
  expect(Array.from(scaleScores([5e-324, 0]))).toEqual([1, 0]);
  expect(Array.from(scaleScores([-0, 0]))).toEqual([0.5, 0.5]);
});
