import { parseCostBudget, parseKeep } from '@coreset/selector';
import { expect, test } from 'vitest';

test.each([
  [0.3, 1000, 300],
  ['0.3', 1000, 300],
  ['.3', 1000, 300],
  ['30%', 1000, 300],
  ['12.5 %', 1000, 125],
  ['100%', 1000, 1000],
  [3600, 12000, 3600],
  ['1', 10, 1],
  [1, 10, 1],
  ['10', 10, 10],
  ['0.0001', 10, 1],
  [0.29, 100, 29],
  [0.5, 3, 2],
  ['50%', 5, 3],
  [0.999, 10, 10],
  [1e-7, 10, 1],
  ['2k', 12000, 2000],
  ['1.5K', 12000, 1500],
  ['0.01M', 12000, 10000],
])('%s of %i rows keeps %i', (keep, rows, kept) => {
  expect(parseKeep(keep, rows)).toBe(kept);
});

test.each([
  '0',
  '0.0',
  '0%',
  '1.5',
  '1.0',
  '101%',
  '11',
  '-0.3',
  '-5',
  'abc',
  '',
  '30 percent',
  'NaN',
  'Infinity',
  '0x10',
  '1e3',
  '1k',
  '1T',
])('%s of 10 rows is refused with a line that says how to write it', (keep) => {
  expect(() => parseKeep(keep, 10)).toThrow(/give the share to keep \(0\.3 or 30%\) or a whole number/);
});

test.each([
  ['10%', 2500, 250],
  [0.5, 2500, 1250],
  ['2k', 2500, 2000],
  [3, 2500, 3],
  ['1', 2500, 1],
  ['0.5', 4.5, 2.25],
])('%s of %i tokens are %i', (keep, total, budget) => {
  expect(parseCostBudget(keep, total, 'tokens')).toBe(budget);
});

test.each(['3k', '0', '1.5', 'abc', '-1'])('%s of 2500 tokens is refused', (keep) => {
  expect(() => parseCostBudget(keep, 2500, 'tokens')).toThrow(
    /in the unit of --cost tokens \(up to 2500, such as 10M\)/,
  );
});
