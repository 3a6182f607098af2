import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { range } from './range.js';

/** A seeded source of random numbers; the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
}

/** xoroshiro128+ (pure-rand) seeded with a 32-bit integer. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    uniform: () => uniformFloat64(generator),
    below: (n) => uniformInt(generator, 0, n - 1),
  };
}

/**
 * A random permutation of 0 … n − 1, or its first `count` entries (Fisher–Yates, from the front, so that
 * a smaller `count` is a prefix of a larger one under the same seed).
 */
export function randomOrder(n: number, random: Random, count: number = n): Int32Array {
  const order = range(0, n);
  for (let i = 0; i < count; i++) {
    const j = i + random.below(n - i);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order.slice(0, count);
}

/** `count` distinct rows of 0 … n − 1 in ascending order. */
export function sampleRows(n: number, count: number, random: Random): Int32Array {
  return count >= n ? range(0, n) : randomOrder(n, random, count).sort();
}
