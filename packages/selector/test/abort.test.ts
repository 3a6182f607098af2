import { seededRandom } from '@coreset/core';
import { type NeighbourGraph, noDuplicates } from '@coreset/graph';
import { METHODS, type MethodName, type SelectorInput, select } from '@coreset/selector';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { abortAfter, expectAborts, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

const K = 3;
const names = Object.keys(METHODS) as MethodName[];
/** Only as many numbers as picks are drawn. */
const ONE_PASS: MethodName[] = ['random'];
/** Threads may be faster than the turns that were counted. */
const ON_THREADS: MethodName[] = ['hierarchical', 'density'];
/** The vectors are looked at before the picks, which are an order or look at the graph alone. */
const VECTORS_FIRST: MethodName[] = ['hierarchical', 'density', 'toward', 'subzero'];

function inputOf(rows: number, withVectors: boolean): SelectorInput {
  const random = seededRandom(3);
  const representative = noDuplicates(rows);
  for (let i = 5; i < rows; i += 5) representative[i] = 0;
  const neighbours = new Int32Array(rows * K);
  const distances = new Float32Array(rows * K);
  for (let e = 0; e < neighbours.length; e++) {
    neighbours[e] = (Math.floor(e / K) + 1 + (e % K)) % rows;
    if (representative[neighbours[e]] !== neighbours[e]) neighbours[e]++;
    distances[e] = 0.1 * (1 + (e % K));
  }
  const graph: NeighbourGraph = { rows, k: K, neighbours, distances, representative };
  return {
    rows,
    budget: rows / 2,
    graph,
    vectors: withVectors ? clusteredMatrix(rows, 4) : undefined,
    scores: Float64Array.from({ length: rows }, () => random.uniform()),
    labels: Int32Array.from({ length: rows }, (_, i) => i % 4),
    target: withVectors ? clusteredMatrix(3, 4, 2) : undefined,
    seed: 1,
  };
}

beforeEach(turnAtEachStep);
afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(names)('%s', (name) => {
  const needsVectors = METHODS[name].needs.includes('vectors');
  const rows = needsVectors ? 300 : 40_000;
  const input = inputOf(rows, needsVectors);

  test('lets the event loop turn the more often, the more rows there are, and hears an abort at every turn', async () => {
    const turns = await turnsOf(select(name, input));
    // At least once per 16,384 rows for each of the passes over them; where vectors are looked at for a pick, at each.
    const passes = ONE_PASS.includes(name) ? 0.5 : 3;
    const isPerPick = needsVectors && !VECTORS_FIRST.includes(name);
    expect(turns).toBeGreaterThan(isPerPick ? input.budget : passes * Math.ceil(rows / 16_384));
    const shares = [0, 0.5, 0.9];
    const work = (signal: AbortSignal): Promise<unknown> => select(name, { ...input, signal });
    if (ON_THREADS.includes(name)) return expectAborts(work, turns, shares);
    for (const share of shares) {
      const stopped = await abortAfter(1 + Math.floor(share * turns), work);
      expect(stopped?.reason).toEqual(new Error('enough'));
      expect(stopped?.turns).toBeLessThan(5);
    }
  });
});

test('a signal that has aborted already starts nothing', async () => {
  const signal = AbortSignal.abort(new Error('before'));
  for (const name of names) await expect(select(name, { ...inputOf(20, true), signal })).rejects.toThrow('before');
});
