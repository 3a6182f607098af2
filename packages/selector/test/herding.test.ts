import { matrixFrom, seededRandom, squaredDistance } from '@coreset/core';
import { buildGraph, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KineticTournament } from '../dist/kinetic-tournament.js';
import { herding } from '../dist/methods/herding.js';
import { expectSamePicks, orderOf, type PlainPicker } from './picks.ts';

/** Herding by a table of the whole kernel. */
function plainHerding(kernel: number[][]): PlainPicker {
  const picks: number[] = [];
  const mean = kernel.map((row) => row.reduce((a, b) => a + b, 0) / kernel.length);
  return {
    worth: (row) => mean[row] - picks.reduce((sum, pick) => sum + kernel[row][pick], 0) / (picks.length + 1),
    take: (row) => picks.push(row),
  };
}

const examples = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.constantFrom(1e-20, 1, 1e19));

test.each([true, false])(
  'takes the row that brings the mean of the picks nearest to that of all; all pairs: %s',
  async (isExact) => {
    await fc.assert(
      fc.asyncProperty(examples, async ([rows, seed, unit]) => {
        const random = seededRandom(seed);
        const vectors = matrixFrom(
          Array.from({ length: rows }, () => Array.from({ length: 3 }, () => unit * (5 + random.below(7)))),
        );
        const graph = await buildGraph(vectors, { k: 3 });
        const of = (row: number): number[] => Array.from(graph.neighbours.subarray(row * graph.k, (row + 1) * graph.k));
        const distance = (i: number, j: number): number =>
          Math.sqrt(squaredDistance(vectors.data, i, vectors.data, j, 3));
        const variance =
          Array.from(graph.distances).reduce((sum, d) => sum + d ** 2, 0) / Math.max(1, graph.distances.length) || 1;
        const all = Array.from({ length: rows }, (_, row) => row);
        const kernel = all.map((i) =>
          all.map((j) =>
            i === j || isExact || of(i).includes(j) || of(j).includes(i)
              ? Math.exp(-(distance(i, j) ** 2) / (2 * variance))
              : 0,
          ),
        );
        const picker = await herding({ rows, budget: 1, graph, vectors: isExact ? vectors : undefined });
        await expectSamePicks(picker, plainHerding(kernel), rows, seed);
      }),
      { numRuns: 60 },
    );
  },
);

test('rows that are worth the same are taken from the lowest on', async () => {
  const rows = 64;
  const ring: NeighbourGraph = {
    rows,
    k: 2,
    neighbours: Int32Array.from({ length: 2 * rows }, (_, e) => ((e >> 1) + (e & 1 ? 1 : rows - 1)) % rows),
    distances: new Float32Array(2 * rows).fill(0.3),
    representative: noDuplicates(rows),
  };
  const order = await orderOf(await herding({ rows, budget: 1, graph: ring }));
  const even = Array.from({ length: rows / 2 }, (_, i) => 2 * i);
  expect(order).toEqual([...even, ...even.map((row) => row + 1)]);
});

test('a tournament of lines names the greatest at each time, ties to the lowest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (lines, seed) => {
      const random = seededRandom(seed);
      const whole = (): Float64Array => Float64Array.from({ length: lines }, () => random.below(30));
      const slopes = whole();
      const offsets = whole().map((offset) => 10 * offset);
      const tournament = new KineticTournament(slopes, offsets);
      const left = new Set(slopes.keys());
      while (left.size > 0) {
        const value = (line: number): number => slopes[line] * tournament.time - offsets[line];
        const greatest = Math.max(...[...left].map(value));
        expect(tournament.best()).toBe([...left].find((line) => value(line) === greatest));
        const line = random.below(lines);
        const chance = random.uniform();
        if (chance < 0.5) tournament.time += random.below(4);
        else if (chance < 0.8) tournament.raise(line, random.below(40));
        else {
          tournament.remove(line);
          left.delete(line);
        }
      }
      expect(tournament.best()).toBe(-1);
    }),
  );
});
