import { matrixFrom, seededRandom } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neighboursFor, subzero } from '../dist/methods/subzero.js';
import { expectSamePicks } from './picks.ts';

const examples = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat());

test('takes the row that covers most of what is left, weighted by how usual its density is', async () => {
  await fc.assert(
    fc.asyncProperty(examples, async ([rows, seed]) => {
      const random = seededRandom(seed);
      const listed = Array.from({ length: rows }, () => {
        const isZero = random.below(6) === 0;
        return Array.from({ length: 3 }, () => (isZero ? 0 : random.below(9) - 3));
      });
      const vectors = matrixFrom(listed);
      const graph = await buildGraph(vectors, { k: 6 });
      const { k, distances, neighbours } = graph;
      const budget = 1 + random.below(rows);
      let none = 1;
      let asked = 0;
      for (let t = 1; t < rows && none > 0.4; t++) {
        none *= Math.max(0, rows - budget - t) / (rows - t);
        asked = t;
      }
      const all = Array.from({ length: rows }, (_, row) => row);
      const radii = all.map((row) => (k === 0 ? 0 : distances[row * k + Math.min(asked, k) - 1]));
      const mean = radii.reduce((a, b) => a + b) / rows;
      const variance = radii.reduce((sum, radius) => sum + (radius - mean) ** 2, 0) / rows;
      const weight = radii.map((radius) => (variance < 1e-12 ? 1 : Math.exp(-((radius - mean) ** 2) / (2 * variance))));
      const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * b[c], 0);
      const lists = (i: number, j: number): boolean => neighbours.subarray(i * k, (i + 1) * k).includes(j);
      const cosine = (i: number, j: number): number => {
        if (i === j) return 1;
        if (!lists(i, j)) return 0;
        const product = dot(listed[i], listed[j]);
        return product <= 0 ? 0 : product / Math.sqrt(dot(listed[i], listed[i]) * dot(listed[j], listed[j]));
      };
      const covered = all.map(() => 0);
      const covers = (row: number, other: number): number => weight[row] * cosine(row, other);
      const plain = {
        worth: (row: number): number => all.reduce((sum, i) => sum + Math.max(0, covers(row, i) - covered[i]), 0),
        take: (row: number): void => {
          for (const i of all) covered[i] = Math.max(covered[i], covers(row, i));
        },
      };
      await expectSamePicks(await subzero({ rows, budget, graph, vectors }), plain, rows, seed);
    }),
    { numRuns: 100 },
  );
});

test('K is the paper’s at its budgets', () => {
  const shares = [0.3, 0.1, 0.05, 0.02];
  expect(shares.map((share) => neighboursFor(50_000, 50_000 * share))).toEqual([3, 9, 18, 46]);
  expect([neighboursFor(2, 1), neighboursFor(2, 2), neighboursFor(1, 1), neighboursFor(9, 9)]).toEqual([1, 1, 1, 1]);
});
