import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows, parseFieldPath } from '@coreset/rows';
import type { Selection } from '@coreset/selector';
import { writeSelection } from 'coreset';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { numberedIds, reasonOf, writeDropped } from '../dist/stages/result-files.js';

const folder = temporaryFolder();

function selectionOf(order: number[], by: number[]): Selection {
  return {
    order: Int32Array.from(order),
    rows: by.length,
    by: Int32Array.from(by),
    scoreBefore: Float64Array.from(by, (_, row) => row / 10),
    scoreAfter: Float64Array.from(by, (_, row) => -row / 10),
  };
}

test('selection.json has the picks in order and ascending, and what each dropped row was dropped for', async () => {
  const path = join(folder, 'selection.json');
  const selection = selectionOf([3, 0], [-1, 0, -1, 3]);
  await writeSelection(path, selection);
  const dropped = (row: number, by: number | null, from: number): object => ({
    row,
    by,
    scoreBefore: from / 10,
    scoreAfter: -from / 10,
  });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    order: [3, 0],
    kept: [0, 3],
    dropped: [dropped(1, 0, 1), dropped(2, null, 2)],
  });
  await writeSelection(path, selection, (row) => row + 10);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    order: [13, 10],
    kept: [10, 13],
    dropped: [dropped(11, 10, 1), dropped(12, null, 2)],
  });
});

test('thousands of picks, and none dropped', async () => {
  const path = join(folder, 'all.json');
  for (const rows of [1, 999, 1000, 1001, 2500]) {
    const order = Array.from({ length: rows }, (_, i) => rows - 1 - i);
    await writeSelection(path, selectionOf(order, new Array(rows).fill(-1)));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ order, kept: order.toReversed(), dropped: [] });
  }
});

/** Rows of the embeddings: 1 repeats the content of 0, 3 the vector of 2 with other content. */
const alike = {
  representative: Int32Array.of(0, 0, 2, 2, 4, 5),
  contentRepresentative: Int32Array.of(0, 0, 2, 3, 4, 5),
};

test('why a row was dropped', () => {
  const selection = selectionOf([2, 0], [-1, 0, -1, 2, 2, -1]);
  expect([1, 3, 4, 5].map((row) => reasonOf(row, selection, alike))).toEqual([
    'duplicate',
    'indistinguishable',
    'redundant',
    'outranked',
  ]);
  expect(reasonOf(4, selectionOf([0], [-1, 0, 0, 0, 0, 0]), alike)).toBe('redundant');
});

test('dropped.jsonl numbers rows and what stands for them as the input does, with ids', async () => {
  const input = join(folder, 'rows.jsonl');
  // Row 0 and row 4 of the input have nothing to embed.
  writeFileSync(input, Array.from({ length: 8 }, (_, row) => `{"id":"n${row}"}\n`).join(''));
  const inputRows = Int32Array.of(1, 2, 3, 5, 6, 7);
  const embeddingRow = Int32Array.of(-1, 0, 1, 2, -1, 3, 4, 5);
  const selection = selectionOf([2], [-1, -1, -1, 2, 2, -1]);
  const file = openRows(input);
  const path = join(folder, 'dropped.jsonl');
  const write = async (more: object): Promise<Record<string, unknown>[]> => {
    const asked = {
      file,
      idField: parseFieldPath('id'),
      rows: 8,
      inputRows,
      keepBadRows: false,
      ...more,
    };
    await writeDropped(path, asked as never, selection, alike, embeddingRow);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line));
  };
  const scores = (row: number): object => ({ scoreBefore: row / 10, scoreAfter: row === 0 ? 0 : -row / 10 });
  const nothing = { reason: 'nothing to embed' };
  const expected: Record<string, unknown>[] = [
    { row: 0, id: 'n0', ...nothing },
    { row: 1, id: 'n1', reason: 'outranked', by: null, ...scores(0) },
    { row: 2, id: 'n2', reason: 'duplicate', duplicateOf: 1, duplicateOfId: 'n1', by: null, ...scores(1) },
    { row: 4, id: 'n4', ...nothing },
    { row: 5, id: 'n5', reason: 'indistinguishable', by: 3, byId: 'n3', ...scores(3) },
    { row: 6, id: 'n6', reason: 'redundant', by: 3, byId: 'n3', ...scores(4) },
    { row: 7, id: 'n7', reason: 'outranked', by: null, ...scores(5) },
  ];
  expect(await write({})).toEqual(expected);
  expect(readFileSync(path, 'utf8')).not.toContain('-0,');
  expect(await write({ keepBadRows: true })).toEqual(expected.filter(({ reason }) => reason !== nothing.reason));
  const withoutIds = expected.map(({ id, byId, duplicateOfId, ...rest }) => rest);
  expect(await write({ idField: undefined })).toEqual(withoutIds);
  await writeDropped(
    path,
    { file, idField: undefined, rows: 8, inputRows, keepBadRows: true },
    selectionOf([0, 1, 2, 3, 5], [-1, -1, -1, -1, 0, -1]),
    alike,
    embeddingRow,
  );
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ row: 6, reason: 'redundant', by: 1, ...scores(4) });
  const numbers: unknown[] = [];
  for await (const pair of numberedIds({ file, idField: undefined, rows: 3 })) numbers.push(pair);
  expect(numbers).toEqual([
    [0, undefined],
    [1, undefined],
    [2, undefined],
  ]);
});
