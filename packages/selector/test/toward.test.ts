import { inOneGo, matrixFrom, seededRandom } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BestRows } from '../dist/best-rows.js';
import { toward } from '../dist/methods/toward.js';
import { orderOf } from './picks.ts';

/** Vectors along few directions, so that equal cosines are frequent, and exact: their lengths are 1, 2 or 4. */
function directions(count: number, random: { below(n: number): number }): number[][] {
  const units = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0.5, 0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5, -0.5],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ];
  return Array.from({ length: count }, () => {
    const length = 2 ** random.below(3);
    return units[random.below(units.length)].map((x) => x * length);
  });
}

test.each([false, true])(
  'target rows take their most like rows in turn, then come the others; away: %s',
  async (hasAway) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        async (rows, count, seed) => {
          const random = seededRandom(seed);
          const [listed, target, away] = [rows, count, 3].map((n) => directions(n, random));
          const budget = 1 + random.below(rows);
          const unit = (v: number[]): number[] => v.map((x) => x / Math.max(1e-9, Math.hypot(...v)));
          const cosine = (a: number[], b: number[]): number => unit(a).reduce((sum, x, c) => sum + x * unit(b)[c], 0);
          const likeness = (row: number, one: number[]): number =>
            cosine(listed[row], one) - (hasAway ? Math.max(...away.map((other) => cosine(listed[row], other))) : 0);
          const all = Array.from({ length: rows }, (_, row) => row);
          const falling = (value: (row: number) => number): number[] =>
            all.toSorted((a, b) => value(b) - value(a) || a - b);
          const length = Math.min(rows, Math.ceil((2 * budget) / count));
          const lists = target.map((one) => falling((row) => likeness(row, one)).slice(0, length));
          const order: number[] = [];
          while (lists.some((list) => list.some((row) => !order.includes(row)))) {
            for (const list of lists) {
              const next = list.find((row) => !order.includes(row));
              if (next !== undefined) order.push(next);
            }
          }
          const greatest = all.map((row) => Math.max(...target.map((one) => likeness(row, one))));
          const rest = falling((row) => greatest[row]).filter((row) => !order.includes(row));
          const picker = await toward({
            rows,
            budget,
            vectors: matrixFrom(listed),
            target: matrixFrom(target),
            away: hasAway ? matrixFrom(away) : undefined,
          });
          expect(Array.from(picker.scores())).toEqual(greatest);
          expect(await orderOf(picker)).toEqual([...order, ...rest]);
        },
      ),
      { numRuns: 50 },
    );
  },
);

test('more rows than are read and more target rows than are multiplied at once', async () => {
  const random = seededRandom(5);
  const listed = Array.from({ length: 2500 }, () => Array.from({ length: 5 }, () => random.uniform() - 0.5));
  const target = Array.from({ length: 600 }, (_, t) => listed[4 * t].map((x) => 3 * x));
  const picker = await toward({ rows: 2500, budget: 600, vectors: matrixFrom(listed), target: matrixFrom(target) });
  const cosine = (a: number[], b: number[]): number =>
    a.reduce((sum, x, c) => sum + x * b[c], 0) / (Math.hypot(...a) * Math.hypot(...b));
  listed.forEach((row, r) => {
    expect(picker.scores()[r]).toBeCloseTo(Math.max(...target.map((one) => cosine(row, one))), 5);
  });
  expect((await orderOf(picker)).slice(0, 600)).toEqual(target.map((_, t) => 4 * t));
});

test('the best rows are those that a sort puts first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (values, capacity) => {
        const best = new BestRows(capacity);
        values.forEach((value, row) => {
          best.offer(row, value);
        });
        const sorted = Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
        expect(Array.from(inOneGo(best.falling()))).toEqual(sorted.slice(0, capacity));
      },
    ),
  );
});
