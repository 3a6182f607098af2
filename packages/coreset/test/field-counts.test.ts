import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldComposition } from '@coreset/report';
import { openRows, type Row } from '@coreset/rows';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { columnsToCount, FieldCounts } from '../dist/report/field-counts.js';

const folder = temporaryFolder();
const ROWS = 4200;

/** The fields of made rows, as a page gets them. */
async function compositionsOf(rowAt: (row: number) => Row): Promise<FieldComposition[]> {
  const path = join(folder, 'rows.jsonl');
  const rows = Array.from({ length: ROWS }, (_, row) => ({ text: `row ${row}`, ...rowAt(row) }));
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const file = await openRows(path);
  const content = { columns: ['text'] } as Parameters<typeof columnsToCount>[1]['content'];
  const columns = await columnsToCount(file, { content, idField: undefined });
  expect(columns).not.toContain('text');
  const counts = new FieldCounts(columns, ROWS);
  let row = 0;
  for await (const batch of file.batches(columns)) for (const values of batch) counts.take(values, row++);
  return counts.compositions(row, Int32Array.of(0, ROWS - 1), Int32Array.of(1, 2));
}

const told = (fields: FieldComposition[]): unknown[] =>
  fields.map(({ name, values, counts }) => [name, ...values.map((value, i) => `${value} ${counts[i]}`)]);

test('a field counts that has one value in the first rows, or none, or is there in some rows alone', async () => {
  const fields = await compositionsOf((row) => ({
    label: row < 2100 ? 'neg' : 'pos',
    late: row < 3000 ? null : 'yes',
    always: 'same',
    checked: row % 3 === 0 ? true : null,
    key: row < 2000 ? 'all' : `value ${row}`,
    deep: { url: `page ${row}`, late: row < 3000 ? {} : { kind: 'b' } },
    ...Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`number ${i}`, row + i + 0.5])),
    last: row % 2,
    once: row === 7 ? 'here' : null,
  }));
  expect(told(fields)).toEqual([
    ['label', 'neg 2100', 'pos 2100'],
    ['late', '(none) 3000', 'yes 1200'],
    ['checked', '(none) 2800', 'true 1400'],
    ['deep.late.kind', '(none) 3000', 'b 1200'],
    ['last', '0 2100', '1 2100'],
  ]);
  expect([...fields[0].picks]).toEqual([0, 1]);
  expect([...fields[1].shown]).toEqual([0, 0]);
});

test('what is called as nothing is, and fields whose names come out alike, are kept apart', async () => {
  const fields = await compositionsOf((row) => ({
    tag: [null, '(none)', 'b', 'b'][row % 4],
    'nest.lang': row % 2 === 0 ? 'de' : 'en',
    nest: { lang: row % 3 === 0 ? 'fr' : 'it', 'a.b': row % 2 },
  }));
  expect(told(fields)).toEqual([
    ['tag', 'b 2100', '((none)) 1050', '(none) 1050'],
    ['nest.lang', 'de 2100', 'en 2100'],
    ['nest → lang', 'it 2800', 'fr 1400'],
    ['nest.a.b', '0 2100', '1 2100'],
  ]);
});
