import { compareMethods } from 'coreset';
import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix } from '../../../test/support.ts';
import type { Comparison, Spread } from '../dist/compare/comparison.js';
import { comparisonTable } from '../dist/compare/comparison-table.js';
import { addVersus, pairedDifference } from '../dist/compare/noise.js';
import { studentQuantile } from '../dist/compare/student.js';

test.each([
  [1, 12.7062],
  [2, 4.30265],
  [3, 3.18245],
  [4, 2.77645],
  [9, 2.26216],
  [30, 2.04227],
  [1000, 1.96234],
])("Student's t with %i degrees of freedom is that of the tables", (freedom, expected) => {
  expect(studentQuantile(0.975, freedom)).toBeCloseTo(expected, 4);
  expect(studentQuantile(0.95, 2)).toBeCloseTo(2.91999, 4);
});

describe('a paired difference', () => {
  test('has the mean and standard error of the differences by seed', () => {
    // Differences 1, 2, 3: mean 2, variance 1.
    const { mean, error, isNoise } = pairedDifference([11, 22, 33], [10, 20, 30]);
    expect(mean).toBeCloseTo(2);
    expect(error).toBeCloseTo(Math.sqrt(1 / 3));
    expect(isNoise).toBe(2 <= 4.30265 * Math.sqrt(1 / 3)); // yes: 2 ≤ 2.48
  });

  test('is told although each spreads widely, where seeds move both alike', () => {
    expect(pairedDifference([10.1, 20.11, 30.1], [10, 20, 30])).toMatchObject({ isNoise: false });
    expect(pairedDifference([10.1, 20.11, 29.9], [10, 20, 30])).toMatchObject({ isNoise: true });
  });

  test('of overlapping splits has a greater error', () => {
    const plain = pairedDifference([1, 2, 4], [0, 0, 0]);
    const corrected = pairedDifference([1, 2, 4], [0, 0, 0], 0.25);
    expect((corrected.error ?? 0) ** 2 / (plain.error ?? 1) ** 2).toBeCloseTo((1 / 3 + 0.25) / (1 / 3));
  });

  test('without randomness is noise where there is none, and else none', () => {
    expect(pairedDifference([5, 5], [5, 5])).toEqual({ mean: 0, error: 0, isNoise: true });
    expect(pairedDifference([5, 5], [4, 4])).toEqual({ mean: 1, error: 0, isNoise: false });
    expect(pairedDifference([0.3, 0.3], [0.1 + 0.2, 0.1 + 0.2])).toMatchObject({ isNoise: true });
  });

  test('of one seed cannot be judged', () => {
    expect(pairedDifference([5], [4])).toEqual({ mean: 1, error: null, isNoise: null });
  });
});

const spread = (...values: number[]): Spread => {
  const mean = values.reduce((sum, one) => sum + one) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0, values };
};

function made(aucpr: Record<string, number[]>): Comparison[] {
  const comparisons = Object.entries(aucpr).map(([method, values]) => {
    const same = spread(...values.map(() => 0.5));
    return {
      ...{ method, keep: 0.1, kept: 10, aucpr: spread(...values), versus: {} },
      ...{ maxRadius: same, clusterCoverage: same, nearDuplicates: same, difficulty: same },
    } as Comparison;
  });
  addVersus(comparisons, {});
  return comparisons;
}

const SEEDS = {
  auto: [0.4, 0.41, 0.42],
  d2: [0.41, 0.4, 0.43],
  'k-center': [0.5, 0.51, 0.52],
  random: [0.6, 0.59, 0.61],
  moderate: [0.61, 0.59, 0.6],
};

describe('the table', () => {
  const table = comparisonTable(made(SEEDS), pc.createColors(false));
  const lineOf = (name: string): string => table.find((line) => line.startsWith(name)) ?? '';

  test('marks the best, what is not told from it, and what is not told from random', () => {
    expect(lineOf('auto')).toMatch(/^auto +10 +0\.410 ±0\.010 \* /);
    expect(lineOf('d2')).toMatch(/^d2 +10 +0\.413 ±0\.015 ~ /);
    expect(lineOf('k-center')).toMatch(/^k-center +10 +0\.510 ±0\.010 {2,}/);
    expect(lineOf('moderate')).toMatch(/^moderate +10 +0\.600 ±0\.010 r /);
    expect(lineOf('random')).toMatch(/^random +10 +0\.600 ±0\.010 {2,}/);
    // Equal everywhere, and in a column of which neither side is better nothing is marked.
    expect(lineOf('auto')).toMatch(/0\.500 \*r +0\.500 \*r +0\.500 \*r +0\.500$/);
  });

  test('has a legend of each column, of the marks and of what they do not say', () => {
    const text = table.join('\n');
    expect(text).toMatch(/^AUCpr ↓ +mean distance of a row to the nearest kept row$/m);
    expect(text).toMatch(/^difficulty +mean difficulty of the kept rows$/m);
    expect(text).toMatch(/^± +standard deviation over 3 seeds/m);
    expect(text).toContain('* best, ~ not told from the best, r not told from random');
    expect(text).toContain('Chance is that of the seeds: all share these rows');
    expect(text).toContain('--seeds 10 tells smaller ones');
    expect(Math.max(...table.map((line) => line.length))).toBeLessThan(100);
  });

  test('of one seed says that noise cannot be told, and marks nothing', () => {
    const one = comparisonTable(made({ auto: [0.4], d2: [0.5] }), pc.createColors(false)).join('\n');
    expect(one).toContain('one seed: what is noise cannot be told; give --seeds 3 or more');
    expect(one).toContain('random is not among the methods');
    expect(one).not.toMatch(/[*~±]/);
  });

  test('is cut into columns that fit the terminal', () => {
    const narrow = comparisonTable(made(SEEDS), pc.createColors(false), 60);
    const end = narrow.findIndex((line) => line.includes('  mean distance'));
    expect(Math.max(...narrow.slice(0, end).map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(narrow.filter((line) => line.startsWith('auto'))).toHaveLength(2);
    const headings = narrow.filter((line) => line.startsWith('keep 0.1')).join(' ');
    for (const heading of ['AUCpr ↓', 'max radius ↓', 'clusters ↑', 'near-dups ↓', 'difficulty'])
      expect(headings).toContain(heading);
  });
});

test('compareMethods hands out the values by seed and the differences', async () => {
  const comparisons = await compareMethods(clusteredMatrix(60, 4), {
    methods: ['k-center', 'random'],
    keep: [6],
    seeds: 3,
  });
  const [kCenter, random] = comparisons;
  expect(random.aucpr.values).toHaveLength(3);
  expect(kCenter.versus.maxRadius?.random).toEqual({
    from: 'random',
    ...pairedDifference(kCenter.maxRadius.values, random.maxRadius.values),
  });
  expect(kCenter.versus.maxRadius?.best).toBeUndefined(); // it is the best
  expect(random.versus.maxRadius).toMatchObject({ best: { from: 'k-center' } });
  expect(random.versus.difficulty).toBeUndefined();
});
