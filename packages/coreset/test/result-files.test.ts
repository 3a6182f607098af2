import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows, parseFieldPath } from '@coreset/rows';
import { type ToldSelection, writeSelection } from 'coreset';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { idsOf, numberedIds, writeDropped, writeSelected } from '../dist/stages/result-files.js';

const folder = temporaryFolder();
const path = join(folder, 'written');

const jsonLines = (): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Rows of which every pick has stood for some, the last picks for less. */
function toldOf(order: number[], by: number[], more: Partial<ToldSelection> = {}): ToldSelection {
  return {
    rows: by.length,
    order: Int32Array.from(order),
    gain: Float64Array.from(order, (_, p) => 2 - p / 2),
    weight: Int32Array.from(order, (row) => by.filter((other) => other === row).length),
    by: Int32Array.from(by),
    ...more,
  };
}

test('selection.json has the picks in order and ascending, their worth, and what stands for each dropped row', async () => {
  const similarity = Float64Array.of(1, 0.912345, Number.NaN, 1);
  const selection = toldOf([3, 0], [0, 0, -1, 3], { similarity });
  await writeSelection(path, selection);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    order: [3, 0],
    kept: [0, 3],
    gain: [2, 1.5],
    weight: [1, 2],
    dropped: [
      { row: 1, by: 0, similarity: 0.912345 },
      { row: 2, by: null, similarity: null },
    ],
  });
  await writeSelection(path, selection, (row) => row + 10);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    order: [13, 10],
    kept: [10, 13],
    gain: [2, 1.5],
    weight: [1, 2],
    dropped: [{ row: 11, by: 10 }, { row: 12 }],
  });
});

test('without vectors it has distances along the graph, without a graph what stands for no row', async () => {
  const distance = Float64Array.of(0, Math.fround(0.1), Number.POSITIVE_INFINITY);
  await writeSelection(path, toldOf([0], [0, 0, -1], { distance }));
  expect(JSON.parse(readFileSync(path, 'utf8')).dropped).toEqual([
    { row: 1, by: 0, distance: 0.1 },
    { row: 2, by: null, distance: null },
  ]);
  await writeSelection(path, toldOf([0], [-1, -1], { weight: undefined }));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    order: [0],
    kept: [0],
    gain: [2],
    dropped: [{ row: 1, by: null }],
  });
});

test('thousands of picks, and none dropped', async () => {
  for (const rows of [1, 999, 1000, 1001, 2500]) {
    const order = Array.from({ length: rows }, (_, i) => rows - 1 - i);
    await writeSelection(path, { ...toldOf(order, [...order].fill(-1)), weight: undefined });
    const { gain, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
    expect(rest).toEqual({ order, kept: order.toReversed(), dropped: [] });
    expect(gain.length).toBe(rows);
  }
});

/**
 * Rows of the embeddings: 1 repeats the content of 0, 3 the vector of 2 with other content, 4 is like 2, for 0 and 5 no
 * row stands.
 */
const selection = {
  ...toldOf([2], [-1, -1, 2, 2, 2, -1]),
  gain: Float64Array.of(-0),
  weight: Int32Array.of(3),
  similarity: Float64Array.of(Number.NaN, Number.NaN, 1, 1, 0.93, Number.NaN),
  reasons: ['outranked', 'duplicate', undefined, 'indistinguishable', 'near-duplicate', 'outranked'] as const,
  duplicateOf: Int32Array.of(-1, 0, -1, -1, -1, -1),
};
/** Row 0 and row 4 of the input have nothing to embed. */
const inputRows = Int32Array.of(1, 2, 3, 5, 6, 7);
const embeddingRow = Int32Array.of(-1, 0, 1, 2, -1, 3, 4, 5);
const input = join(folder, 'rows.jsonl');
writeFileSync(input, Array.from({ length: 8 }, (_, row) => `{"id":"n${row}"}\n`).join(''));
const file = openRows(input);

/** What a writer writes of the rows above. */
async function written(
  write: (path: string, input: never, outcome: never) => Promise<void>,
  more: object = {},
): Promise<Record<string, unknown>[]> {
  const asked = { file, idField: parseFieldPath('id'), rows: 8, inputRows, keepBadRows: false, ...more };
  const found = { selection, embeddingRow };
  const ids = await idsOf(asked, found as never);
  await write(path, asked as never, { ...found, ids } as never);
  return jsonLines();
}

test('dropped.jsonl numbers rows and what stands for them as the input does, with ids', async () => {
  const nothing = { reason: 'nothing to embed' };
  const noRow = { by: null, similarity: null };
  const expected: Record<string, unknown>[] = [
    { row: 0, id: 'n0', ...nothing },
    { row: 1, id: 'n1', reason: 'outranked', ...noRow },
    { row: 2, id: 'n2', reason: 'duplicate', duplicateOf: 1, duplicateOfId: 'n1', ...noRow },
    { row: 4, id: 'n4', ...nothing },
    { row: 5, id: 'n5', reason: 'indistinguishable', by: 3, byId: 'n3', similarity: 1 },
    { row: 6, id: 'n6', reason: 'near-duplicate', by: 3, byId: 'n3', similarity: 0.93 },
    { row: 7, id: 'n7', reason: 'outranked', ...noRow },
  ];
  expect(await written(writeDropped)).toEqual(expected);
  expect(await written(writeDropped, { keepBadRows: true })).toEqual(
    expected.filter(({ reason }) => reason !== nothing.reason),
  );
  const withoutIds = expected.map(({ id, byId, duplicateOfId, ...rest }) => rest);
  expect(await written(writeDropped, { idField: undefined })).toEqual(withoutIds);
});

test('of rows that were left out on purpose it has the reason and what is to be said of them', async () => {
  const leftOut = new Map<number, object>([
    [4, { reason: 'excluded' }],
    [6, { reason: 'against', against: 'test.jsonl', againstRow: 17, similarity: 0.97 }],
  ]);
  const lines = await written(writeDropped, { leftOut });
  expect(lines.filter(({ row }) => leftOut.has(row as number))).toEqual([
    { row: 4, id: 'n4', reason: 'excluded' },
    { row: 6, id: 'n6', reason: 'against', against: 'test.jsonl', againstRow: 17, similarity: 0.97 },
  ]);
  expect(lines.map(({ row }) => row)).toEqual([0, 1, 2, 4, 5, 6, 7]);
});

test('selected.jsonl has rank, worth and weight of each pick, with ids', async () => {
  const line = { row: 3, id: 'n3', rank: 1, gain: 0, weight: 3 };
  expect(await written(writeSelected as never)).toEqual([line]);
  expect(readFileSync(path, 'utf8')).not.toContain('-0');
  const { id, ...withoutId } = line;
  expect(await written(writeSelected as never, { idField: undefined })).toEqual([withoutId]);
});

test('rows without ids are numbered', async () => {
  const numbers: unknown[] = [];
  for await (const pair of numberedIds({ file, idField: undefined, rows: 3 })) numbers.push(pair);
  expect(numbers).toEqual([
    [0, undefined],
    [1, undefined],
    [2, undefined],
  ]);
});
