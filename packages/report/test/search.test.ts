import { describe, expect, test } from 'vitest';
import { folded, RowSearch } from '../dist/question/search.js';
import { sampleReport } from './sample-report.ts';

test('case and accents do not count', () => {
  expect(folded('Crème BRÛLÉE, Ångström, ﬁne, Ελλάδα')).toBe('creme brulee, angstrom, fine, ελλαδα');
});

describe('rows are found', () => {
  const { shown } = sampleReport();
  const search = new RowSearch(shown);
  const find = (query: string): number[] => [...search.find(query)];

  test('by every word, in any order, within words, across texts and ids', () => {
    expect(find('GREEN apples')).toHaveLength(98); // of 100 two have another text
    expect(find('apples id-11 number')).toEqual([11, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119]);
    expect(find('creme angstrom')).toEqual([7]);
    expect(find('</SCRIPT>')).toEqual([4]);
    expect(find('no such words')).toEqual([]);
  });

  test('all of them by nothing', () => {
    expect(find('  ')).toHaveLength(300);
  });

  test('first by their id or row number, where the query is one', () => {
    expect(find('id-2').slice(0, 3)).toEqual([2, 20, 21]);
    expect(find('120')[0]).toBe(120);
    expect(find('<b>bold id</b>')).toEqual([5]);
  });

  test('of vectors alone by their numbers', () => {
    const { rows, ids, texts, ...others } = shown;
    expect([...new RowSearch({ rows: rows.slice(100), ...others }).find('250')]).toEqual([150]);
  });
});
