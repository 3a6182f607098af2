import { expect, test } from 'vitest';
import { rowsToKeep } from '../dist/rows-to-keep.js';

test('a budget of costs is as many rows as come to it at the mean cost', () => {
  expect(rowsToKeep({ rows: 9, budget: 4 })).toBe(4);
  expect(rowsToKeep({ rows: 3, budget: 4 })).toBe(3);
  const costs = [1, 2, 3, 6];
  expect([0.1, 6, 8, 12, 50].map((budget) => rowsToKeep({ rows: 4, budget, costs }))).toEqual([1, 2, 3, 4, 4]);
});
