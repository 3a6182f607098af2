import { parseKeep } from '@coreset/selector';
import { describe, expect, test } from 'vitest';
import { Budgets, cosineOf, countFirst, parseBudget, storedCosine, valueAt } from '../dist/question/budget.js';
import { NO_COSINE } from '../dist/report-data.js';
import { sampleReport } from './sample-report.ts';

describe('rows at a budget', () => {
  const report = sampleReport();
  const budgets = new Budgets(report);

  test('are kept up to it, later or not at all', () => {
    expect(budgets.rankOf(297)).toBe(1);
    expect(budgets.rankOf(0)).toBe(100);
    expect(budgets.rankOf(1)).toBe(0);
    expect([0, 1, 297].map((row) => budgets.stateOf(row, 100))).toEqual(['kept', 'dropped', 'kept']);
    expect([0, 1, 297].map((row) => budgets.stateOf(row, 99))).toEqual(['later', 'dropped', 'kept']);
    expect(budgets.stateOf(294, 1)).toBe('later');
    expect(budgets.stateOf(294, 2)).toBe('kept');
  });

  test('a row without a rank and a reason is kept whatever the budget', () => {
    const unseen = sampleReport();
    unseen.shown.reason[2] = 255;
    expect(new Budgets(unseen).stateOf(2, 1)).toBe('kept');
  });

  test('the row that the run found stands for a dropped one while it is kept, then its nearest kept neighbour', () => {
    expect(budgets.standInOf(2, 100)).toEqual({ row: 0, similarity: 0.8 });
    // Row 0 is pick 100; of 1, 3, 0 and 4 row 3 is kept.
    expect(budgets.standInOf(2, 99)).toEqual({ row: 3, similarity: 0.8 });
    expect(budgets.standInOf(2, 98)).toBeUndefined();
    expect(budgets.standInOf(0, 100)).toBeUndefined();
    // Kept later: the second on its list is not kept, the others are not kept yet.
    expect(budgets.standInOf(0, 99)).toBeUndefined();
    expect(budgets.standIns(100).filter((row) => row >= 0)).toHaveLength(200);
  });

  test('rows that are not shown have no place, and can stand for others', () => {
    const sampled = sampleReport();
    const { shown } = sampled;
    shown.rows = shown.rows.slice(0, 2).map((_, place) => [2, 5][place]);
    shown.by = Int32Array.of(0, 3);
    shown.reason = Uint8Array.of(0, 0);
    const some = new Budgets(sampled);
    expect([0, 2, 5].map((row) => some.placeOf(row))).toEqual([-1, 0, 1]);
    expect(some.standInOf(0, 100)?.row).toBe(0);
  });
});

test('the first picks are counted by their values', () => {
  const values = Uint8Array.of(2, 0, 2, 1);
  expect([...countFirst(values, 3, 3)]).toEqual([1, 0, 2]);
  expect([...countFirst(values, 9, 3)]).toEqual([1, 1, 2]);
});

test('a value between two budgets lies on the line', () => {
  const budgets = Int32Array.of(1, 11, 21);
  const values = Float64Array.of(1, 0.5, 0.25);
  expect([1, 6, 11, 16, 21, 99].map((one) => valueAt(one, budgets, values))).toEqual([1, 0.75, 0.5, 0.375, 0.25, 0.25]);
});

describe('a typed budget', () => {
  const limits = { rows: 10_000, keptUnseen: 0, most: 10_000 };

  test.each([
    '1',
    '1200',
    '10000',
    ' 7 ',
    '10%',
    '2.5 %',
    '100%',
    '.5%',
    '0.3',
    '.25',
    '0.00001',
    '2.5k',
    '1.1k',
    '10K',
    '0',
    '0%',
    '101%',
    '1.0',
    '1.5',
    '10001',
    '1m',
    '-5',
    'ten',
    '5px',
    '',
    '½',
    '٣',
    '1200.',
  ])('%j is read as --keep reads it', (text) => {
    const budget = parseBudget(text, limits);
    if (budget === undefined) expect(() => parseKeep(text, limits.rows)).toThrow(/^keep /);
    else expect(budget).toBe(parseKeep(text, limits.rows));
  });

  test.each([
    ['1,200', 1200],
    ['1 200 ', 1200],
    ['2,5%', 250],
    ['0,3', 3000],
    ['1,2', undefined],
  ])('%j, in groups or with a comma, is %j', (text, budget) => {
    expect(parseBudget(text, limits)).toBe(budget);
  });

  test('a share counts rows kept without being picked, and no budget is more than the picks', () => {
    expect(parseBudget('25%', { ...limits, keptUnseen: 100 })).toBe(2400);
    expect(parseBudget('0.5%', { ...limits, keptUnseen: 100 })).toBe(1);
    expect(parseBudget('5000', { ...limits, most: 3000 })).toBe(3000);
  });
});

test('cosines are kept to four digits, and none as none', () => {
  expect(cosineOf(storedCosine(0.80581))).toBe(0.8058);
  expect(storedCosine(Number.NaN)).toBe(NO_COSINE);
  expect(cosineOf(NO_COSINE)).toBeUndefined();
  expect(cosineOf(storedCosine(-1))).toBe(-1);
});
