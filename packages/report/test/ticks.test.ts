import { expect, test } from 'vitest';
import { ticksOf } from '../dist/question/ticks.js';

const texts = (...given: Parameters<typeof ticksOf>): string[] => ticksOf(...given).map(({ text }) => text);

test('ticks have the decimals of their step', () => {
  expect(texts(1, 4)).toEqual(['0', '0.5', '1.0']);
  expect(texts(1.05, 10)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  expect(texts(0.9, 18)).toContain('0.15');
  expect(texts(0.03, 3)).toEqual(['0', '0.01', '0.02', '0.03']);
  expect(texts(12_000, 3)).toEqual(['0', '5,000', '10,000']);
  expect(texts(40, 4)).toEqual(['0', '10', '20', '30', '40']);
  expect(texts(3e-7, 3)).toEqual(['0', '1.0e-7', '2.0e-7', '3.0e-7']);
});

test('counts have no fractions', () => {
  expect(texts(1, 4, true)).toEqual(['0', '1']);
  expect(texts(3.15, 4, true)).toEqual(['0', '1', '2', '3']);
  expect(texts(3.15, 4)).toEqual(['0', '1', '2', '3']);
  expect(texts(2, 4)).toEqual(['0', '0.5', '1.0', '1.5', '2.0']);
});

test('an axis without length has 0 alone', () => {
  expect([0, Number.NaN, Number.POSITIVE_INFINITY].map((most) => texts(most, 4))).toEqual([['0'], ['0'], ['0']]);
});
