import { matrixFrom, seededRandom } from '@coreset/core';
import { kmeans, prototypeDistance } from '@coreset/difficulty';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { density } from '../dist/methods/density.js';
import { orderOf } from './picks.ts';

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
const mean = (numbers: number[]): number => (numbers.length === 0 ? 0 : sum(numbers) / numbers.length);

/** The x nearest to the wish with ℓ ≤ x ≤ n and that sum, by the bounds between which each part of the line lies. */
function nearestShares(wish: number[], least: number[], most: number[], total: number): number[] {
  const at = (lambda: number): number[] => wish.map((x, c) => Math.min(most[c], Math.max(least[c], x - lambda)));
  const ends = wish.flatMap((x, c) => [x - least[c], x - most[c]]).sort((a, b) => a - b);
  for (let e = 1; e < ends.length; e++) {
    const [above, below] = [sum(at(ends[e - 1])), sum(at(ends[e]))];
    if (below > total) continue;
    if (above === below) return at(ends[e]);
    return at(ends[e - 1] + ((above - total) / (above - below)) * (ends[e] - ends[e - 1]));
  }
  return at(ends[0]);
}

test('clusters give what the published optimum gives them, farthest from the centroid first', async () => {
  let fullClusters = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 150 }), fc.nat(), async (rows, seed) => {
      const random = seededRandom(seed);
      const vectors = matrixFrom(
        Array.from({ length: rows }, () => {
          const kind = random.below(5);
          return Array.from({ length: 6 }, (_, c) => (c === kind ? 4 : 0) + (kind + 1) * (random.uniform() - 0.5));
        }),
      );
      const budget = 1 + random.below(rows);
      const { prototypes } = await kmeans(vectors, { seed, metric: 'cosine' });
      const { labels, distances } = await prototypeDistance(vectors, prototypes, { metric: 'cosine' });
      const members = Array.from({ length: prototypes.rows }, (_, c) =>
        Array.from(labels.keys())
          .filter((row) => labels[row] === c)
          .sort((a, b) => distances[b] - distances[a] || a - b),
      );
      const filled = Array.from(members.keys()).filter((c) => members[c].length > 0);
      const centroid = (c: number): number[] => Array.from(prototypes.data.subarray(c * 6, c * 6 + 6));
      const worth = filled.map((c) => {
        const others = filled
          .filter((other) => other !== c)
          .map((other) => 1 - sum(centroid(c).map((x, d) => x * centroid(other)[d])))
          .sort((a, b) => a - b);
        return mean(members[c].map((row) => distances[row])) * mean(others.slice(0, 20));
      });
      const exponentials = worth.map((d) => Math.exp(d / 0.1));
      const wish = exponentials.map((e) => (budget * e) / sum(exponentials));
      const most = filled.map((c) => members[c].length);
      const least = most.map((n) => Math.min((0.5 * budget) / filled.length, n - 1));
      const shares = nearestShares(wish, least, most, budget);
      fullClusters += shares.filter((share, c) => share === most[c]).length;

      const picker = await density({ rows, budget, vectors, seed });
      const order = await orderOf(picker);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from(labels.keys()));
      expect(Array.from(picker.scores())).toEqual(Array.from(distances));
      const given = filled.map((c) => order.slice(0, budget).filter((row) => labels[row] === c));
      expect(sum(given.map(({ length }) => length))).toBe(budget);
      const up = given.map(({ length }, f) => length - Math.floor(shares[f] + 1e-6));
      for (const [f, own] of given.entries()) {
        // Farthest first, in the picks and beyond.
        expect(order.filter((row) => labels[row] === filled[f])).toEqual(members[filled[f]]);
        expect(up[f] === 0 || up[f] === 1).toBe(true);
        expect(Math.abs(own.length - shares[f])).toBeLessThan(1 + 1e-6);
        // Largest remainders are rounded up.
        const remainder = shares[f] - Math.floor(shares[f] + 1e-6);
        if (up[f] === 1)
          given.forEach((_, other) => {
            if (up[other] === 0)
              expect(shares[other] - Math.floor(shares[other] + 1e-6)).toBeLessThan(remainder + 1e-6);
          });
        // Each beginning of the picks has about the shares of all.
        const half = order.slice(0, Math.floor(budget / 2)).filter((row) => labels[row] === filled[f]).length;
        expect(Math.abs(half - own.length / 2)).toBeLessThanOrEqual(1.5);
      }
    }),
    { numRuns: 40, examples: [[900, 1]] },
  );
  expect(fullClusters).toBeGreaterThan(0);
});
