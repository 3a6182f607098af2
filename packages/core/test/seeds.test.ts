import { randomOrder, requireSeed, seededRandom, seedOf32Bits } from '@coreset/core';
import { expect, test } from 'vitest';

const orderOf = (seed: number, purpose?: number): string => randomOrder(1000, seededRandom(seed, purpose)).join();

test('each bit of a seed counts, and so does what it is for', () => {
  const seeds = [0, ...Array.from({ length: 53 }, (_, bit) => 2 ** bit), Number.MAX_SAFE_INTEGER];
  // Equal low halves, and those whose words cancel each other in a sum.
  seeds.push(2 ** 32 + 1, 2 ** 33 + 2, 3 * 2 ** 32 + 3);
  expect(new Set(seeds.map((seed) => orderOf(seed))).size).toBe(seeds.length);
  expect(new Set(seeds.map((seed) => seededRandom(seed).below(2 ** 32))).size).toBe(seeds.length);
  expect(new Set(seeds.map(seedOf32Bits)).size).toBe(seeds.length);
  expect(orderOf(7, 1)).not.toBe(orderOf(7, 2));
  expect(orderOf(2 ** 40, 1)).not.toBe(orderOf(2 ** 41, 1));
});

test('seeds below 2^32 give what they gave before there were others', () => {
  // pure-rand's xoroshiro128plus(42).
  const random = seededRandom(42);
  expect(Array.from({ length: 4 }, () => random.below(1000))).toEqual([605, 225, 535, 820]);
  expect(seedOf32Bits(2 ** 32 - 1)).toBe(2 ** 32 - 1);
});

test.each([-1, 0.5, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY, '7' as never, undefined as never])(
  'the seed %s is refused',
  (seed) => {
    const message = `seed must be a whole number from 0 to 9007199254740991, got ${seed}`;
    for (const use of [seededRandom, seedOf32Bits, requireSeed]) expect(() => use(seed)).toThrow(message);
    expect(() => requireSeed(seed, '--seed')).toThrow('--seed must be');
  },
);
