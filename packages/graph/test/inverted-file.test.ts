import { squaredDistance } from '@coreset/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import { goodEnough } from '../dist/build-graph.js';
import { exactNeighbours } from '../dist/exact/exact.js';
import { ivfNeighbours } from '../dist/ivf/ivf.js';
import { runRoundRobin } from '../dist/ivf/round-robin.js';
import { spatialOrder } from '../dist/ivf/spatial-order.js';
import { estimateRecall } from '../dist/recall.js';

describe('a tournament', () => {
  test('has each pair of groups once, and no group in two tasks at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
        async (groups, delays) => {
          const busy = new Set<number>();
          const pairs: string[] = [];
          await runRoundRobin(groups, async (first, second) => {
            expect(busy.has(first) || busy.has(second)).toBe(false);
            busy.add(first).add(second);
            // Tasks end out of order.
            for (let transpose = delays[pairs.length % delays.length]; transpose >= 0; transpose--)
              await Promise.resolve();
            pairs.push(`${first} ${second}`);
            busy.delete(first);
            busy.delete(second);
          });
          const wanted = [...Array(groups).keys()].flatMap((a) =>
            [...Array(groups - a).keys()].map((b) => `${a} ${a + b}`),
          );
          expect(pairs.toSorted()).toEqual(wanted.toSorted());
        },
      ),
    );
  });

  test('ends with the first error, and starts nothing that waited for the task', async () => {
    const begun: string[] = [];
    const run = runRoundRobin(2, async (first, second) => {
      begun.push(`${first} ${second}`);
      if (first === 0) throw new Error('no');
    });
    await expect(run).rejects.toThrow('no');
    expect(begun).toEqual(['0 0', '1 1']);
  });
});

test('points in spatial order are near those that follow', () => {
  const { data, rows, cols } = clusteredMatrix(500, 6);
  const order = spatialOrder(data, cols);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(rows).keys()]);
  const lengthOf = (path: ArrayLike<number>): number => {
    let sum = 0;
    for (let i = 1; i < rows; i++) sum += squaredDistance(data, path[i - 1], data, path[i], cols);
    return sum;
  };
  expect(lengthOf(order)).toBeLessThan(0.7 * lengthOf([...Array(rows).keys()]));
});

test('many lists, some of them empty or long, for one thread or many', async () => {
  const matrix = clusteredMatrix(3000, 12, 3, 8);
  const options = { lists: 300, probes: 30 };
  const one = await ivfNeighbours(matrix, 10, { ...options, threads: 1 });
  const four = await ivfNeighbours(matrix, 10, { ...options, threads: 4 });
  expect(four).toEqual(one);
  const next = await ivfNeighbours(matrix, 10, { ...options, descentRounds: 0 });
  const sum = (distances: Float32Array): number => distances.reduce((total, distance) => total + distance, 0);
  expect(sum(one.distances)).toBeLessThan(sum(next.distances));
});

test('rows whose lists hold too few others are searched exactly', async () => {
  const matrix = clusteredMatrix(2000, 12, 3, 8);
  const exact = await exactNeighbours(matrix, 10, {});
  const single = await ivfNeighbours(matrix, 10, { lists: 2000, probes: 1, descentRounds: 0 });
  expect(single).toEqual(exact);
  const few = await ivfNeighbours(matrix, 10, { lists: 300, probes: 1, descentRounds: 0 });
  expect(few.neighbours).not.toContain(-1);
  expect(few.neighbours).not.toEqual(exact.neighbours);
});

test('auto probes more lists until the recall is good, and searches all rows where that would be many', async () => {
  const matrix = clusteredMatrix(4000, 24, 3, 4);
  const notices: string[] = [];
  const options = { onNotice: (notice: string) => notices.push(notice), descentRounds: 0 };
  const exact = await exactNeighbours(matrix, 10, {});
  const few = await ivfNeighbours(matrix, 10, { lists: 400, probes: 4, descentRounds: 0 });
  expect(await estimateRecall(matrix, few, 10, {})).toBeLessThan(0.98);
  const enough = await goodEnough(matrix, 10, { ...options, lists: 400, probes: 4 });
  expect(await estimateRecall(matrix, enough, 10, {})).toBeGreaterThanOrEqual(0.98);
  expect(notices).toEqual([expect.stringMatching(/^approximate neighbours, estimated recall (0.9[89]\d|1.000) /)]);
  const probed = Number(/\((\d+) of 400 lists/.exec(notices[0])?.[1]);
  expect(probed).toBeGreaterThan(4);
  expect(probed).toBeLessThanOrEqual(80);
  const all = await goodEnough(matrix, 10, { ...options, lists: 20, probes: 5 });
  expect(all).toEqual(exact);
  expect(notices.length).toBe(1);
});
