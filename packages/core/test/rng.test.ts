import { randomOrder, sampleRows, seededRandom } from '@coreset/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('a random order is a permutation, the same for the same seed, and its beginning does not depend on its length', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (n, seed) => {
      const order = randomOrder(n, seededRandom(seed));
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const half = n >> 1;
      expect(randomOrder(n, seededRandom(seed), half)).toEqual(order.slice(0, half));
    }),
  );
});

test('a sample ascends and holds each row at most once', () => {
  const sample = sampleRows(1000, 100, seededRandom(7));
  expect(sample.length).toBe(100);
  for (let i = 1; i < sample.length; i++) expect(sample[i]).toBeGreaterThan(sample[i - 1]);
  expect(sampleRows(5, 100, seededRandom(7))).toEqual(new Int32Array([0, 1, 2, 3, 4]));
});
