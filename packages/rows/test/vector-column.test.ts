import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError, readNpyMatrix } from '@coreset/core';
import { openRows, parseFieldPath, type Row, writeVectorColumn } from '@coreset/rows';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

async function* inBatches(rows: Row[]): AsyncGenerator<Row[]> {
  for (let start = 0; start < rows.length; start += 2) yield rows.slice(start, start + 2);
}

async function write(values: unknown[], path = 'v', onBadRow?: (row: number, problem: string) => void) {
  const out = at('out.npy');
  const written = await writeVectorColumn(inBatches(values.map((v) => ({ v }))), parseFieldPath(path), out, onBadRow);
  const { data, ...shape } = readNpyMatrix(out);
  expect(shape).toEqual(written);
  return [...data];
}

test.each<[string, unknown]>([
  ['a list', [0.5, -2, 3]],
  ['of float32', Float32Array.of(0.5, -2, 3)],
  ['with a bigint', [0.5, -2n, 3]],
  ['JSON', '[0.5, -2, 3.0e0]'],
  ['without white space', '[0.5,-2,3]'],
  ['as NumPy prints it', '[ 0.5 -2.\n  3. ]'],
  ['with spaces', ' 0.5 -2  3 '],
  ['with semicolons', '0.5; -2; 3'],
  ['of PostgreSQL', '{.5,-2,+3}'],
])('a vector: %s', async (_, value) => {
  expect(await write([value, [1, 2, 3], value])).toEqual([0.5, -2, 3, 1, 2, 3, 0.5, -2, 3]);
});

test('by a path, one number from each item too', async () => {
  expect(await write([{ a: [1, 2] }, { a: [3, 4] }], 'v.a')).toEqual([1, 2, 3, 4]);
  expect(await write([[{ x: 1 }, { x: 2 }]], 'v[*].x')).toEqual([1, 2]);
});

const BAD: [unknown, string][] = [
  [null, 'is null, not a list of numbers'],
  [undefined, 'is missing, not a list of numbers'],
  [7, 'is a number, not a list of numbers'],
  [{}, 'is an object, not a list of numbers'],
  [Buffer.from('abcd'), 'is bytes, not a list of numbers'],
  [[], 'is an empty list'],
  [[1, 2, 3], 'has 3 numbers, row 0 has 2'],
  [[1], 'has 1 numbers, row 0 has 2'],
  [[1, null], 'has null as number 1'],
  [[1, '2'], 'has a text as number 1'],
  [[Number.NaN, 1], 'has NaN as number 0, which is not finite as float32'],
  [[1, 1e300], 'has 1e+300 as number 1, which is not finite as float32'],
  [[0, -0], 'is all zeros, as a failed embedding leaves it'],
  ['', 'is empty'],
  ['[]', 'is an empty list'],
  ['()', 'is empty'],
  ['[1, null]', 'has null as number 1'],
  ['[[1, 2]]', 'has a list as number 0'],
  ['[1, x]', "has 'x' as number 1"],
  ['[1, , 2]', "has '' as number 1"],
  ['[1 nan]', "has 'nan' as number 1"],
  ['[1 1e40]', 'has 1e+40 as number 1, which is not finite as float32'],
  ['[1 ... 2]', "is cut short by NumPy ('...'); save it as a list"],
];

test('rows without a vector are left out and told', async () => {
  const told: [number, string][] = [];
  const values = [[1, 2], ...BAD.map(([value]) => value), [3, 4]];
  expect(await write(values, 'v', (row, problem) => told.push([row, problem]))).toEqual([1, 2, 3, 4]);
  expect(told).toEqual(BAD.map(([, problem], i) => [i + 1, `field 'v' ${problem}`]));
});

test.each(BAD)('%j ends the writing where it is not asked for', async (value, problem) => {
  const empty = temporaryFolder();
  const writing = writeVectorColumn(
    inBatches([{ v: [1, 2] }, { v: [2, 1] }, { v: value }]),
    parseFieldPath('v'),
    join(empty, 'out.npy'),
  );
  await expect(writing).rejects.toThrow(CoresetError);
  await expect(writing).rejects.toThrow(`row 2, field 'v' ${problem}`);
  expect(readdirSync(empty)).toEqual([]);
});

test('no rows', async () => {
  expect(await writeVectorColumn(inBatches([]), parseFieldPath('v'), at('none.npy'))).toEqual({ rows: 0, cols: 0 });
  expect(readNpyMatrix(at('none.npy'))).toMatchObject({ rows: 0, cols: 0 });
});

describe('of files that pandas and pyarrow wrote', () => {
  python(
    `
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
v = np.random.default_rng(3).normal(size=(50, 8))
np.save('expected.npy', v.astype('<f4'))
pd.DataFrame({'id': range(50), 'v': v.tolist()}).to_json('lists.jsonl', orient='records', lines=True, double_precision=15)
pd.DataFrame({'id': range(50), 'v': v.tolist()}).to_csv('lists.csv', index=False)
pd.DataFrame({'id': range(50), 'v': list(v)}).to_parquet('pandas.parquet')
flat = pa.array(v.astype('<f4').reshape(-1))
pq.write_table(pa.table({'v': pa.FixedSizeListArray.from_arrays(flat, 8)}), 'fixed.parquet', row_group_size=20)
pd.DataFrame({'id': range(50), 'v': [' '.join(map(repr, map(float, row))) for row in v]}).to_csv('words.csv', index=False)
`,
    [],
    folder,
  );
  test.each(['lists.jsonl', 'lists.csv', 'words.csv', 'pandas.parquet', 'fixed.parquet'])('%s', async (name) => {
    await writeVectorColumn(openRows(at(name)).batches(['v']), parseFieldPath('v'), at('out.npy'));
    expect(readNpyMatrix(at('out.npy'))).toEqual(readNpyMatrix(at('expected.npy')));
  });
});
