import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { CoresetError } from './errors/error.js';
import { range } from './range.js';
import { inOneGo, inParts, type Steps } from './threads/steps.js';

/** A seeded source of random numbers; the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
}

/**
 * Check the seed of a random choice.
 * @param name of the option, for the message
 * @throws CoresetError unless it is a whole number from 0 to 2^53 − 1
 */
export function requireSeed(seed: number, name = 'seed'): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new CoresetError(`${name} must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${seed}`);
}

/**
 * xoroshiro128+ (pure-rand), seeded with all 53 bits of a seed.
 *
 * @param seed a whole number from 0 to 2^53 − 1
 * @param purpose 32 bits that tell random choices with the same seed apart
 * @throws CoresetError when the seed is anything else
 */
export function seededRandom(seed: number, purpose = 0): Random {
  requireSeed(seed);
  const low = seed ^ purpose;
  // What pure-rand makes of a seed of 32 bits, with the others mixed into each word.
  const high = Math.floor(seed / 2 ** 32);
  const state = [-1, ~low, low, 0].map((word, w) => word ^ mixed(Math.imul(high, MULTIPLIERS[w])));
  const generator = xoroshiro128plusFromState(state);
  return {
    uniform: () => uniformFloat64(generator),
    below: (n) => uniformInt(generator, 0, n - 1),
  };
}

/** A seed for libraries that take 32 bits: seeds below 2^32 as they are. @throws CoresetError as {@link seededRandom} */
export function seedOf32Bits(seed: number): number {
  requireSeed(seed);
  return (seed ^ mixed(Math.floor(seed / 2 ** 32))) >>> 0;
}

/** Odd, so that no two high halves of seeds become the same word. */
const MULTIPLIERS = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

/** The final mix of MurmurHash3: one to one, each bit depends on all, and 0 stays 0. */
function mixed(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/**
 * A random permutation of 0 … n − 1, or its first `count` entries (Fisher–Yates, from the front, so that
 * a smaller `count` is a prefix of a larger one under the same seed).
 */
export function randomOrder(n: number, random: Random, count: number = n): Int32Array {
  return inOneGo(randomOrderSteps(n, random, count));
}

/** {@link randomOrder} in steps. */
export function* randomOrderSteps(n: number, random: Random, count: number = n): Steps<Int32Array> {
  const order = range(0, n);
  yield* inParts(count, (start, end) => {
    for (let i = start; i < end; i++) {
      const j = i + random.below(n - i);
      const held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
  });
  return order.slice(0, count);
}

/** `count` distinct rows of 0 … n − 1 in ascending order. */
export function sampleRows(n: number, count: number, random: Random): Int32Array {
  return count >= n ? range(0, n) : randomOrder(n, random, count).sort();
}
