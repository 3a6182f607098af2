import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import {
  type Format,
  openRows,
  type Row,
  type RowSource,
  textOfRows,
  type WriteOptions,
  writeKeptAs,
} from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

function source(rows: Row[], fields = Object.keys(rows[0] ?? {})): RowSource {
  async function* batches(): AsyncGenerator<Row[]> {
    for (let start = 0; start < rows.length; start += 3) yield rows.slice(start, start + 3);
  }
  return { fields: async () => fields, batches };
}

/** As JSONL files: the fields are those of the first row, and only fields that are asked for are read. */
function differing(rows: Row[]): RowSource {
  const { fields, batches } = source(rows);
  return {
    fields,
    async *batches(asked: string[]) {
      for await (const batch of batches([]))
        yield batch.map((row) => Object.fromEntries(asked.map((field) => [field, row[field]])));
    },
    wholeBatches: () => batches([]),
  };
}

async function write(
  name: string,
  format: Format,
  rows: RowSource,
  keep = (_: number) => true,
  options: WriteOptions = {},
): Promise<string> {
  const file = openSync(at(name), 'w');
  try {
    await writeKeptAs(
      format,
      rows,
      keep,
      { write: (bytes) => void writeSync(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes) },
      options,
    );
  } finally {
    closeSync(file);
  }
  return readFileSync(at(name), 'utf8');
}

const text = (rows: Row[], format: Format): Promise<string> => write('text', format, source(rows));

const VARIED: Row[] = [
  {
    text: 'ä "quoted", with\nline\r\nbreaks\tand 😀',
    n: 1,
    big: 2n ** 62n + 1n,
    x: 0.1,
    mixed: 1,
    zero: 0,
    flag: true,
    bytes: Buffer.of(0, 255, 254),
    list: [1, null, 3],
    texts: ['a', '', null],
    struct: { a: 1, b: 'x', 'dotted.name': [0.5] },
    deep: [{ k: 'a', v: [1, 2] }, { k: 'b', v: [] }, { v: null }],
    nested: [[1], [], null, [2, 3]],
    map: [{ key: 'a', value: 1 }],
    none: null,
    nulls: [null],
    'a.b': 'dot',
  },
  {
    text: '',
    n: null,
    big: -(2n ** 63n),
    x: Number.NaN,
    mixed: 0.5,
    zero: -0,
    flag: null,
    bytes: null,
    list: [],
    texts: null,
    struct: { a: null, b: null, 'dotted.name': null },
    deep: [],
    nested: null,
    map: [],
    none: null,
    nulls: [],
    'a.b': null,
  },
  {
    text: null,
    n: -5,
    big: null,
    x: -0,
    mixed: null,
    flag: false,
    bytes: Buffer.alloc(0),
    list: null,
    texts: [],
    struct: null,
    deep: null,
    nested: [[null]],
    map: null,
    none: null,
    nulls: null,
    'a.b': '',
  },
  { text: 'last', list: [7], struct: { b: 'only b' }, x: Number.POSITIVE_INFINITY },
];

const NAMELESS: Row[] = VARIED.map((row) => ({ ...row, '': row.n === 1 ? 'nameless' : null }));

/** As JSON that Python turns into the same values: bytes, NaN and whole doubles marked, all fields there. */
function forPython(rows: Row[]): string {
  const marked = (value: unknown): unknown => {
    if (value === undefined) return null;
    if (typeof value === 'bigint') return { $int: String(value) };
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return { $float: Object.is(value, -0) ? '-0.0' : String(value) };
    if (Array.isArray(value)) return value.map(marked);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member)]));
    return value;
  };
  return JSON.stringify(rows.map(marked));
}

const SAME = `
import json, math, sys
def unmarked(value):
    if isinstance(value, list): return [unmarked(item) for item in value]
    if not isinstance(value, dict): return value
    if '$int' in value: return int(value['$int'])
    if '$bytes' in value: return bytes.fromhex(value['$bytes'])
    if '$float' in value: return float(value['$float'])
    return {key: unmarked(member) for key, member in value.items()}
def same(a, b):
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a): return math.isnan(b)
    if isinstance(a, list): return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict): return isinstance(b, dict) and all(same(a.get(k), b.get(k)) for k in {*a, *b})
    if type(a) in (int, float) and a == 0: return b == 0 and type(b) in (int, float) and math.copysign(1, a) == math.copysign(1, b)
    return type(a) in (int, float) and type(b) in (int, float) and a == b or type(a) == type(b) and a == b
def check(rows, wanted, what):
    assert len(rows) == len(wanted), (what, len(rows))
    for i, (a, b) in enumerate(zip(rows, wanted)):
        for key in {*a, *b}: assert same(a.get(key), b.get(key)), (what, i, key, a.get(key), b.get(key))
`;

test('Parquet and Arrow files hold the values, as pyarrow, pandas, polars and DuckDB read them', async () => {
  const many: Row[] = Array.from({ length: 5000 }, (_, i) => ({
    id: i,
    text: 'x'.repeat(i % 50),
    v: [i / 3, 1],
    turns: [{ role: 'user', content: `q${i}` }],
  }));
  const late: Row[] = [...Array.from({ length: 2000 }, (_, i) => ({ a: i })), { a: 1, late: 'new' }];
  const named: Record<string, [RowSource, Row[]]> = {
    varied: [source(VARIED), VARIED],
    many: [source(many), many],
    late: [differing(late), late],
    none: [source([], ['a', 'b']), []],
  };
  for (const [name, [rows, wanted]] of Object.entries(named)) {
    for (const format of ['parquet', 'arrow'] as const) await write(`${name}.${format}`, format, rows);
    writeFileSync(at(`${name}.json`), forPython(wanted));
  }
  await write('big.parquet', 'parquet', bulky());
  await write('big.arrow', 'arrow', bulky());
  python(
    `${SAME}
import pyarrow as pa, pyarrow.parquet as pq, pyarrow.ipc as ipc, pyarrow.feather as feather, pandas as pd, polars as pl, duckdb
wanted = {name: unmarked(json.load(open(name + '.json'))) for name in ('varied', 'many', 'late', 'none')}
for name in wanted:
    table = pq.read_table(name + '.parquet')
    check(table.to_pylist(), wanted[name], name + ' parquet')
    with ipc.open_file(name + '.arrow') as file: arrow = file.read_all()
    arrow.validate(full=True)
    check(arrow.to_pylist(), wanted[name], name + ' arrow')
    assert arrow.schema.names == table.schema.names, (arrow.schema, table.schema)
    for a, b in zip(arrow.schema.types, table.schema.types): assert str(a).replace('item', 'element') == str(b), (name, a, b)
    assert feather.read_table(name + '.arrow').num_rows == len(wanted[name])
    assert len(pd.read_parquet(name + '.parquet')) == len(pd.read_feather(name + '.arrow')) == len(wanted[name])
    assert len(pl.read_ipc(name + '.arrow')) == len(wanted[name])
    check(pl.read_parquet(name + '.parquet').to_dicts(), wanted[name], name + ' polars')
    check(duckdb.sql(f"from '{name}.parquet'").arrow().read_all().to_pylist(), wanted[name], name + ' duckdb')
schema = {field.name: str(field.type) for field in pq.read_schema('varied.parquet')}
assert schema['n'] == schema['big'] == 'int64' and schema['x'] == schema['mixed'] == 'double', schema
assert schema['text'] == schema['none'] == 'string' and schema['flag'] == 'bool' and schema['bytes'] == 'binary', schema
assert schema['list'] == 'list<element: int64>', schema
assert pq.read_metadata('big.parquet').num_row_groups > 1
assert pq.read_table('big.parquet')['t'].to_pylist() == [('%d' % (i % 10)) * 1000000 for i in range(80)]
with ipc.open_file('big.arrow') as file:
    assert file.num_record_batches > 1 and file.read_all()['t'].to_pylist() == [('%d' % (i % 10)) * 1000000 for i in range(80)]
`,
    [],
    folder,
  );
});

/** More than one row group. */
function bulky(): RowSource {
  return source(Array.from({ length: 80 }, (_, i) => ({ t: String(i % 10).repeat(1_000_000) })));
}

test('JSON, JSONL, CSV and TSV hold the values, as Python and pandas read them', async () => {
  for (const format of ['jsonl', 'json', 'csv', 'tsv'] as const) await write(`v.${format}`, format, source(NAMELESS));
  await write('one.csv', 'csv', source([{ text: 'a' }, { text: '' }, { text: null }, { text: 'b' }]));
  await write('late.csv', 'csv', differing([{ a: 1 }, { a: 2, b: '"' }, { b: 'x', c: ',' }]));
  writeFileSync(at('v-wanted.json'), forPython(NAMELESS));
  python(
    `${SAME}
import base64, csv, pandas as pd
wanted = unmarked(json.load(open('v-wanted.json')))
plain = [{k: base64.b64encode(v).decode() if isinstance(v, bytes) else None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in wanted]
check([json.loads(line) for line in open('v.jsonl', encoding='utf8')], plain, 'jsonl')
check(json.load(open('v.json', encoding='utf8')), plain, 'json')
assert len(pd.read_json('v.jsonl', lines=True)) == len(pd.read_json('v.json')) == 4
for name, delimiter in (('v.csv', ','), ('v.tsv', '\\t')):
    with open(name, encoding='utf8', newline='') as file: rows = list(csv.DictReader(file, delimiter=delimiter))
    frame = pd.read_csv(name, sep=delimiter)
    assert len(frame) == len(rows) == 4 and frame['text'][0] == rows[0]['text'] == wanted[0]['text']
    assert [int(row['big']) if row['big'] else None for row in rows] == [row.get('big') for row in wanted]
    assert frame['x'].isna().tolist() == [False, True, False, False] and frame['x'][3] == math.inf
    for key in ('list', 'struct', 'deep', 'nested', 'map'):
        assert [json.loads(row[key]) if row[key] else None for row in rows] == [row.get(key) for row in wanted], key
    assert math.copysign(1, frame['zero'][1]) == -1
    assert rows[0]['bytes'] == 'AP/+' and rows[0]['a.b'] == 'dot' and rows[0][''] == 'nameless' and rows[0]['flag'] == 'true'
one = pd.read_csv('one.csv', keep_default_na=False)
assert one['text'].tolist() == ['a', '', '', 'b'], one
late = pd.read_csv('late.csv', keep_default_na=False, dtype=str)
assert late.values.tolist() == [['1', '', ''], ['2', '"', ''], ['', 'x', ',']] and list(late) == ['a', 'b', 'c'], late
`,
    [],
    folder,
  );
});

describe('any rows come back as they were', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\t', 'ü', ' ', ';', '\r', '\\', '1', '😀'),
    maxLength: 6,
  });
  const leaf: fc.Arbitrary<fc.Arbitrary<unknown>> = fc.constantFrom(
    cell,
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((x) => x + 0.5),
    fc.uint8Array({ maxLength: 4 }),
  );
  /** A type of column, as what makes its values. */
  const column = fc.letrec<{ column: fc.Arbitrary<unknown> }>((tie) => ({
    column: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      tie('column').map((item) => fc.array(fc.option(item), { maxLength: 3 })),
      fc.tuple(tie('column'), tie('column')).map(([a, b]) => fc.record({ a: fc.option(a), 'b.c': fc.option(b) })),
    ),
  })).column;
  const tables = fc
    .dictionary(
      cell.filter((name) => name.trim() !== ''),
      column,
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    )
    .chain((columns) =>
      fc
        .array(
          fc.record(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, fc.option(values)]))),
          {
            maxLength: 8,
          },
        )
        .map((rows) => ({ fields: Object.keys(columns), rows })),
    );

  test.each(['parquet', 'arrow', 'jsonl', 'json'] as const)('%s', async (format) => {
    const isJson = format.startsWith('json');
    const plain = (value: unknown): unknown => {
      if (value instanceof Uint8Array) return isJson ? Buffer.from(value).toString('base64') : [...value];
      if (Array.isArray(value)) return value.map(plain);
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
      return isJson && typeof value === 'number' && !Number.isFinite(value) ? null : value;
    };
    await fc.assert(
      fc.asyncProperty(tables, async ({ fields, rows }) => {
        await write(`any.${format}`, format, source(rows, fields));
        const file = openRows(at(`any.${format}`));
        const back: Row[] = [];
        for await (const batch of file.batches(fields)) back.push(...batch);
        expect(back.map(plain)).toEqual(rows.map(plain));
      }),
      { numRuns: 100 },
    );
  });

  test('texts in CSV and TSV, as Python reads them', async () => {
    const table = fc.uniqueArray(cell, { minLength: 1, maxLength: 4 }).chain((fields) =>
      fc.array(fc.record(Object.fromEntries(fields.map((field) => [field, cell]))), { maxLength: 8 }).map((rows) => ({
        fields,
        rows,
        lines: [fields, ...rows.map((row) => fields.map((field) => row[field]))],
      })),
    );
    const tables = fc.sample(table, 150);
    for (const [i, { fields, rows }] of tables.entries())
      for (const format of ['csv', 'tsv'] as const) await write(`any${i}.${format}`, format, source(rows, fields));
    writeFileSync(at('tables.json'), JSON.stringify(tables.map(({ lines }) => lines)));
    python(
      `
import csv, json
for i, lines in enumerate(json.load(open('tables.json', encoding='utf8'))):
    for extension, delimiter in (('csv', ','), ('tsv', '\t')):
        with open(f'any{i}.{extension}', encoding='utf8', newline='') as file:
            read = list(csv.reader(file, delimiter=delimiter, strict=True))
            assert read == lines, (i, extension, read, lines)
`,
      [],
      folder,
    );
  });
});

describe('text formats, byte for byte', () => {
  const rows: Row[] = [
    { id: 2n ** 60n, t: 'ü', gone: undefined },
    { id: 1, t: '\ud800' },
  ];
  test('JSONL keeps digits, and escapes what UTF-8 cannot hold', async () => {
    expect(await text(rows, 'jsonl')).toBe('{"id":1152921504606846976,"t":"ü"}\n{"id":1,"t":"\\ud800"}\n');
  });

  test('JSON', async () => {
    expect(await text(rows.slice(0, 1), 'json')).toBe('[\n{"id":1152921504606846976,"t":"ü"}\n]\n');
    expect(await write('text', 'json', source([], ['a']))).toBe('[]\n');
  });

  test('CSV of no rows has its header', async () => {
    expect(await write('text', 'csv', source([], ['a', 'b,c']))).toBe('a,"b,c"\n');
  });

  test('only kept rows, and the number of a row is that in the source', async () => {
    const many = Array.from({ length: 10 }, (_, i) => ({ text: i === 7 ? 'a\nb' : `t${i}` }));
    expect(await write('text', 'text', source(many), (row) => row > 7)).toBe('t8\nt9\n');
    await expect(write('text', 'text', source(many), (row) => row % 7 === 0)).rejects.toThrow(
      "row 7, 'text' has line breaks, and a line of a text file is a row; write .jsonl",
    );
  });

  test('text: what is embedded, the only field, or text', async () => {
    const chats: Row[] = [
      { id: 1, messages: [{ role: 'user', content: 'hi' }] },
      { id: 2, messages: [] },
    ];
    const chosen = textOfRows({}, ['id', 'messages'], chats);
    expect(await write('text', 'text', source(chats), undefined, { text: chosen })).toBe('hi\n\n');
    expect(await text([{ t: 'a' }, { t: null }], 'text')).toBe('a\n\n');
    expect(await text([{ id: 1, text: 'a' }], 'text')).toBe('a\n');
    await expect(text([{ id: 1, t: 'a' }], 'text')).rejects.toThrow(/none called 'text' among id, t; write .jsonl/);
    await expect(text([{ text: 7 }], 'text')).rejects.toThrow("row 0, field 'text' is a number, not a text");
  });

  test('a field that only a late row has is not lost', async () => {
    const path = at('late.jsonl');
    writeFileSync(path, `${'{"a":1}\n'.repeat(1500)}{"a":2,"late":"x"}\n`);
    expect(await write('text', 'jsonl', openRows(path), (row) => row === 1500)).toBe('{"a":2,"late":"x"}\n');
    expect(await write('text', 'csv', openRows(path), (row) => row === 1500)).toBe('a,late\n2,x\n');
  });
});

test.each(['jsonl', 'json', 'csv', 'text', 'parquet', 'arrow'] as const)(
  'a full disk ends the writing of %s',
  async (format) => {
    const sink = {
      write: () => {
        throw new Error('no space left');
      },
    };
    await expect(writeKeptAs(format, source([{ text: 'a' }]), () => true, sink)).rejects.toThrow('no space left');
  },
);

test('messages name the file of a row', async () => {
  const path = at('mixed.jsonl');
  writeFileSync(path, '{"a":1}\n{"a":"x"}\n');
  await expect(write('bad', 'parquet', openRows(path))).rejects.toThrow(`${path}: row 1, field 'a' is a text`);
});

describe('values that a format cannot hold are refused with row and field', () => {
  test.each<[string, Row[], RegExp]>([
    [
      'text after a number',
      [{ a: 1 }, { a: 'x' }],
      /^row 1, field 'a' is a text, in a row before it is an integer; a column has one type; write .jsonl/,
    ],
    [
      'nested',
      [{ a: { b: [1] } }, { a: { b: ['x'] } }],
      /^row 1, field 'a.b' is a text, in a row before it is an integer/,
    ],
    ['a large integer and a fraction', [{ a: 2n ** 60n }, { a: 0.5 }], /^row 1, field 'a' is a number with a fraction/],
    ['a fraction and a large integer', [{ a: 0.5 }, { a: 2n ** 60n }], /^row 1, field 'a' is an integer/],
    ['more than 64 bits', [{ a: 2n ** 63n }], /^row 0, field 'a' is an integer of more than 64 bits/],
    ['an empty object', [{ a: {} }], /^row 0, field 'a' is an object without keys/],
    ['a field without a name', [{ '': 1 }], /^row 0, field '' has no name/],
    ['half a surrogate pair', [{ a: ['\ud800'] }], /^row 0, field 'a' has half of a surrogate pair/],
  ])('%s', async (_, rows, message) => {
    for (const format of ['parquet', 'arrow'] as const) {
      await expect(write('bad', format, source(rows))).rejects.toThrow(CoresetError);
      await expect(write('bad', format, source(rows))).rejects.toThrow(message);
    }
  });

  test('half a surrogate pair in CSV and text', async () => {
    for (const format of ['csv', 'text'] as const)
      await expect(text([{ text: '\udfff' }], format)).rejects.toThrow(/^row 0, .*half of a surrogate pair/);
  });

  test.each(['csv', 'parquet', 'arrow'] as const)('no fields at all in %s', async (format) => {
    const none = at('none.jsonl');
    writeFileSync(none, '');
    await expect(write('bad', format, openRows(none))).rejects.toThrow(/^there are no rows and no fields to write/);
    expect(await write('empty', 'jsonl', openRows(none))).toBe('');
  });

  test('files of vectors have no fields', async () => {
    await expect(write('bad', 'jsonl', source([], []))).rejects.toThrow(/no fields to write in another format/);
  });
});
