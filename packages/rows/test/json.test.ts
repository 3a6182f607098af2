import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { openRows } from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { column, file, folder, kept, read } from './support.ts';

const MAKE = `
import json, math, pandas, polars, datasets, duckdb
rows = [{'id': 2**60 + i, 'text': t, 'deep': {'a': [[1], []], 'b': '}],{"'}} for i, t in enumerate(['plain', 'ä ☃ 😀 [,]{"q"} \\\\', ''])]
def dump(name, value, **options):
    with open(name, 'w', encoding='utf-8') as f: json.dump(value, f, **options)
dump('compact.json', rows); dump('pretty.json', rows, indent=2, ensure_ascii=False)
dump('nan.json', [{'x': math.nan, 'id': 2**60}, {'x': -math.inf}])
dump('squad.json', {'version': '1.1', 'data': rows, 'tags': ['a']}, indent=1)
dump('split.json', pandas.DataFrame({'text': ['a'], 'n': [1]}).to_dict('split'))
dump('two.json', {'train': rows, 'test': rows})
df = pandas.DataFrame(rows)
df.to_json('pandas.json', orient='records'); df.to_json('columns.json'); df.to_json('table.json', orient='table')
df.to_json('lines.json', orient='records', lines=True)
polars.DataFrame(rows).write_json('polars.json')
d = datasets.Dataset.from_list(rows)
d.to_json('datasets.json'); d.to_json('datasets-array.json', lines=False)
duckdb.sql("copy (select * from read_json('compact.json')) to 'duckdb.json' (format json, array true)")
`;
const TEXTS = ['plain', 'ä ☃ 😀 [,]{"q"} \\', ''];

describe('files of other tools', () => {
  python(MAKE, [], folder);

  test.each([
    'compact.json',
    'pretty.json',
    'squad.json',
    'pandas.json',
    'table.json',
    'lines.json',
    'polars.json',
    'datasets.json',
    'datasets-array.json',
    'duckdb.json',
  ])('%s: texts and 64-bit integers come as they are, and kept elements keep their bytes', async (name) => {
    const path = join(folder, name);
    const rows = await read(path, ['id', 'text', 'deep']);
    expect(rows.map(({ text }) => text)).toEqual(TEXTS);
    expect(rows.map(({ id }) => id)).toEqual([0n, 1n, 2n].map((i) => 2n ** 60n + i));
    expect(rows[2].deep).toEqual({ a: [[1], []], b: '}],{"' });
    expect((await openRows(path).fields()).filter((field) => field !== 'index')).toEqual(['id', 'text', 'deep']);
    const whole = readFileSync(path);
    expect(await kept(path, () => true, `all-${name}`)).toEqual(whole);
    for (const wanted of [[1], [0, 2], []]) {
      await kept(path, (row) => wanted.includes(row), `some-${name}`);
      const again =
        wanted.length === 0 && !/lines|datasets.json/.test(name)
          ? JSON.parse(readFileSync(join(folder, `some-${name}`), 'utf8'))
          : undefined;
      if (again !== undefined) expect(Array.isArray(again) ? again : again.data).toEqual([]);
      expect(await read(join(folder, `some-${name}`), ['id', 'text', 'deep'])).toEqual(
        rows.filter((_, i) => wanted.includes(i)),
      );
    }
  });

  test('NaN and Infinity', async () => {
    expect(await read(join(folder, 'nan.json'))).toEqual([
      { x: Number.NaN, id: 2n ** 60n },
      { x: -Infinity, id: undefined },
    ]);
  });

  test('what an object holds is said, and refused where it is unclear', async () => {
    const notices: string[] = [];
    await openRows(join(folder, 'squad.json'), { onNotice: (notice) => notices.push(notice) }).fields();
    expect(notices).toEqual([expect.stringMatching(/squad.json: the rows are those of the array 'data'$/)]);
    const fields = (name: string): Promise<string[]> => openRows(join(folder, name)).fields();
    await expect(fields('two.json')).rejects.toThrow(/one object with several arrays \('train', 'test'\)/);
    await expect(fields('columns.json')).rejects.toThrow(
      /without an array of objects \(its fields: 'id', 'text', 'deep'\)/,
    );
    await expect(fields('split.json')).rejects.toThrow(
      /without an array of objects \(its fields: 'index', 'columns', 'data'\)/,
    );
  });
});

test('a line each, though it is named .json, and several lines each', async () => {
  expect(await column(file('l.json', '\ufeff{"text":"a"}\r\n{"text":"b"}'), 'text')).toEqual(['a', 'b']);
  expect(await column(file('l.json', Buffer.from('\ufeff{"text":"ä"}\n{"text":"b"}\n', 'utf16le')), 'text')).toEqual([
    'ä',
    'b',
  ]);
  expect(await column(file('o.json', '{"text":"a","deep":{}}'), 'text')).toEqual(['a']);
  expect(await column(file('e.json', ' \n'), 'text')).toEqual([]);
  await expect(column(file('s.json', '{\n"text":"a"}\n{\n"text":"b"}'), 'text')).rejects.toThrow(
    /several objects of several lines/,
  );
});

test('white space, a byte-order mark and empty arrays', async () => {
  for (const content of ['[]', ' [ \n ] \n', '{"data": []}', '\ufeff[]']) {
    const path = file('none.json', content);
    expect(await read(path, ['text'])).toEqual([]);
    expect((await kept(path, () => true, 'none-kept.json')).toString()).toBe(content);
  }
  const path = file('space.json', '\ufeff\n[ {"a": 1} , {"a": 2}\t,\n{"a":3} ] \n');
  expect(await column(path, 'a')).toEqual([1, 2, 3]);
  expect((await kept(path, (row) => row !== 0, 'space-kept.json')).toString()).toBe(
    '\ufeff\n[ {"a": 2}\t,\n{"a":3} ] \n',
  );
});

test.each([
  ['cut short', '[{"a":1},{"a":2', /the array is not closed after element 2; the file is cut short or damaged/],
  ['cut short between', '[{"a":1},', /is not closed after element 2/],
  ['cut short object', '{"data":[{"a":1}', /the object is not closed; the file is cut short/],
  ['something behind', '[{"a":1}]{"a":2}', /something follows the array after element 1/],
  ['two arrays', `[{"a":1}]${' '.repeat(70_000)}[{"a":2}]`, /something follows the array after element 1/],
  ['UTF-16', Buffer.from('\ufeff[{"a":1}]', 'utf16le'), /a JSON array in utf-16le is not read; convert it first/],
])('%s', async (_, content, message) => {
  await expect(read(file('bad.json', content), ['a'])).rejects.toThrow(message);
});

test.each([
  ['broken', '{"a":}', /bad.json, element 2: broken JSON/],
  ['a comma too many', '', /element 2: broken JSON/],
  ['a number', '7', /element 2: a number, not an object/],
  ['a list', '[1,[2]]', /element 2: a list, not an object/],
  [
    'wrong bytes',
    Buffer.from('{"a":"\xe4"}', 'latin1'),
    /element 2: not valid utf-8; name the file's encoding with --encoding/,
  ],
])('an element that is no row: %s', async (_, element, message) => {
  const path = file(
    'bad.json',
    Buffer.concat([Buffer.from('[{"a":1},'), Buffer.from(element), Buffer.from(',{"a":3}]')]),
  );
  await expect(read(path, ['a'])).rejects.toThrow(message);
  const told: string[] = [];
  const options = { onBrokenRow: (problem: string) => told.push(problem) };
  expect(await column(path, 'a', options)).toEqual([1, undefined, 3]);
  expect(told).toEqual([expect.stringMatching(message)]);
  expect(await kept(path, (row) => row !== 0, 'bad-kept.json', options)).toEqual(
    Buffer.concat([Buffer.from('['), Buffer.from(element), Buffer.from(',{"a":3}]')]),
  );
});

test('an array of single-byte characters', async () => {
  const path = file('latin.json', Buffer.from('[{"a":"\xe4\x80"}]', 'latin1'));
  expect(await column(path, 'a', { encoding: 'cp1252' })).toEqual(['ä€']);
});

test('any array is read and kept element by element, wherever chunks end', async () => {
  const rows = fc.array(
    fc.dictionary(
      fc.string({ maxLength: 4 }),
      fc.jsonValue().filter((value) => !/\d{16}/.test(JSON.stringify(value))),
      { maxKeys: 4 },
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom(undefined, 1, '\t'),
      fc.nat(5),
      fc.boolean(),
      async (rows, indent, left, wrapped) => {
        fc.pre(rows.length > 0);
        const holds = wrapped
          ? { note: { x: ['[{'] }, rows: rows.map((x) => ({ x })), end: 1 }
          : rows.map((x) => ({ x }));
        const path = file('any.json', JSON.stringify(holds, null, indent));
        const expected = JSON.parse(JSON.stringify(rows));
        expect(await column(path, 'x')).toEqual(expected);
        await kept(path, (row) => row !== left, 'any-kept.json');
        const again = JSON.parse(readFileSync(join(folder, 'any-kept.json'), 'utf8'));
        const list = (wrapped ? again.rows : again) as { x: unknown }[];
        expect(list.map(({ x }) => x)).toEqual(expected.filter((_: unknown, i: number) => i !== left));
      },
    ),
    { numRuns: 120 },
  );
  const many = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `${'"\\ä☃'.repeat(i % 9)}` }));
  const path = file('many.json', JSON.stringify(many, null, 1));
  expect(await read(path)).toEqual(many);
  expect(JSON.parse((await kept(path, (row) => row % 2 === 1, 'many-kept.json')).toString())).toEqual(
    many.filter(({ i }) => i % 2 === 1),
  );
});

test('mutated bytes never crash the reader', async () => {
  const good = Buffer.from('{"v":1,"rows":[{"a":1,"b":"]"},{"a":2}]}');
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
      const bad = Buffer.from(good);
      bad[at] = byte;
      try {
        await read(file('m.json', bad), ['a']);
      } catch (error) {
        expect(CoresetError.isInstance(error), String(error)).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});
