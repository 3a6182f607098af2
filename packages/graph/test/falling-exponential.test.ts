import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fallingExponential } from '../dist/messages/falling-exponential.js';

test('exp(−x) to the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 800, noNaN: true }), (x) => {
      const expected = Math.exp(-x);
      expect(Math.abs(fallingExponential(x) - expected)).toBeLessThanOrEqual(2 ** -51 * expected);
    }),
    { numRuns: 20_000 },
  );
  expect(fallingExponential(0)).toBe(1);
  expect(fallingExponential(Number.MAX_VALUE)).toBe(0);
  expect(fallingExponential(Number.NaN)).toBeNaN();
});
