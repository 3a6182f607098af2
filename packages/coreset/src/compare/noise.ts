import type { Comparison, Difference, Spread } from './comparison.js';
import { MEASURES, type Measure } from './measures.js';
import { studentQuantile } from './student.js';

const CONFIDENCE = 0.95;
/** Differences below it are rounding. */
const ROUNDING = 1e-12;

/**
 * The paired difference of two methods, whose seeds are the same. Where each seed has its own split of the same rows, the
 * splits overlap and the plain standard error is too small: it is corrected by the ratio of held-out to training rows
 * (Nadeau & Bengio 2003).
 *
 * @param testRatio held-out rows by training rows, 0 where nothing is held out
 */
export function pairedDifference(
  values: readonly number[],
  others: readonly number[],
  testRatio = 0,
): Omit<Difference, 'from'> {
  const n = values.length;
  const differences = values.map((value, seed) => value - others[seed]);
  const mean = differences.reduce((sum, one) => sum + one, 0) / n;
  if (n < 2) return { mean, error: null, isNoise: null };
  const variance = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance * (1 / n + testRatio));
  const scale = Math.max(...[...values, ...others].map(Math.abs));
  const limit = Math.max(studentQuantile((1 + CONFIDENCE) / 2, n - 1) * error, ROUNDING * scale);
  return { mean, error, isNoise: Math.abs(mean) <= limit };
}

/** Say of each method how far it is from the best and from `random`, by every measure that has a better side. */
export function addVersus(comparisons: Comparison[], testRatios: Partial<Record<Measure, number>>): void {
  for (const one of comparisons) {
    const block = comparisons.filter(({ keep }) => keep === one.keep);
    const random = block.find(({ method }) => method === 'random');
    for (const measure of Object.keys(MEASURES) as Measure[]) {
      const spread = one[measure];
      const best = bestOf(block, measure);
      if (spread === undefined || best === undefined) continue;
      const from = (other: Comparison | undefined): Difference | undefined =>
        other === undefined || other === one
          ? undefined
          : {
              from: other.method,
              ...pairedDifference(spread.values, (other[measure] as Spread).values, testRatios[measure]),
            };
      one.versus[measure] = { best: from(best), random: from(random) };
    }
  }
}

/** The first of the methods with the best mean. */
function bestOf(block: readonly Comparison[], measure: Measure): Comparison | undefined {
  const { better } = MEASURES[measure];
  if (better === undefined) return undefined;
  const sign = better === 'less' ? 1 : -1;
  const value = (one: Comparison): number => sign * (one[measure]?.mean ?? Number.POSITIVE_INFINITY);
  return block.reduce((best, one) => (value(one) < value(best) ? one : best));
}
