import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { openRows, readRows } from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { CASES, column, file, folder, kept, read } from './support.ts';

const MAKE = `
import json, math, sys, duckdb, pandas, polars, datasets
rows = [{'id': 2**60 + i, 'text': t, 'score': s, 'deep': {'a': [1, 2], 'b': {'c': 'x'}}}
        for i, (t, s) in enumerate([('plain', 1.5), ('ä ☃ 😀 \\u2028 "q" \\\\', -0.0), ('', 1e300)])]
with open('ascii.jsonl', 'w') as f:
    for row in rows: f.write(json.dumps(row) + '\\n')
with open('utf8.jsonl', 'w', encoding='utf-8', newline='\\r\\n') as f:
    for row in rows: f.write(json.dumps(row, ensure_ascii=False) + '\\n')
with open('nan.jsonl', 'w') as f:
    for x in (math.nan, math.inf, -math.inf): f.write(json.dumps({'text': 'NaN Infinity "', 'x': x, 'n': [x, 2**64]}) + '\\n')
pandas.DataFrame(rows).to_json('pandas.jsonl', orient='records', lines=True)
polars.DataFrame(rows).write_ndjson('polars.ndjson')
datasets.Dataset.from_list(rows).to_json('datasets.jsonlines')
duckdb.sql("copy (select * from read_ndjson('ascii.jsonl')) to 'duckdb.jsonl' (format json)")
`;

const TEXTS = ['plain', 'ä ☃ 😀 \u2028 "q" \\', ''];

describe('files of other tools', () => {
  python(MAKE, [], folder);

  test.each(['ascii.jsonl', 'utf8.jsonl', 'pandas.jsonl', 'polars.ndjson', 'datasets.jsonlines', 'duckdb.jsonl'])(
    '%s: texts, 64-bit integers and nested values come as they are; kept lines keep their bytes',
    async (name) => {
      const path = join(folder, name);
      const rows = await read(path);
      expect(rows.map(({ text }) => text)).toEqual(TEXTS);
      expect(rows.map(({ id }) => id)).toEqual([2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 2n]);
      expect(rows[2].score).toBe(1e300);
      expect(rows[1].deep).toEqual({ a: [1, 2], b: { c: 'x' } });
      const whole = readFileSync(path, 'latin1').split('\n');
      expect((await kept(path, (row) => row === 1, `kept-${name}`)).toString('latin1')).toBe(`${whole[1]}\n`);
    },
  );

  test('NaN and Infinity as Python writes them are numbers outside strings, and digits stay beside them', async () => {
    const rows = await read(join(folder, 'nan.jsonl'));
    expect(rows.map(({ x }) => x)).toEqual([Number.NaN, Infinity, -Infinity]);
    expect(rows.map(({ text }) => text)).toEqual(Array(3).fill('NaN Infinity "'));
    expect(rows[2].n).toEqual([-Infinity, 2n ** 64n]);
  });
});

test.each(['near.jsonl', 'far.jsonl'])('64-bit ids keep their digits: %s', async (name) => {
  const path = join(CASES, 'jsonl-64-bit-ids', name);
  const written = [...readFileSync(path, 'utf8').matchAll(/"id": (\d+)/g)].map(([, digits]) => BigInt(digits));
  expect(await column(path, 'id')).toEqual(written);
});

describe('values', () => {
  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['12345678901234567890123', 12345678901234567890123n],
    ['12345678901234567890.0', 12345678901234567000],
    ['1e20', 1e20],
    ['0.12345678901234567890', 0.12345678901234568],
    ['"12345678901234567890"', '12345678901234567890'],
    ['[{"a":1234567890123456789}]', [{ a: 1234567890123456789n }]],
    ['["\\\\\\"", 1234567890123456789]', ['\\"', 1234567890123456789n]],
    ['{"1234567890123456789": 1, "b": NaN}', { '1234567890123456789': 1, b: Number.NaN }],
    ['null', null],
    ['true', true],
  ])('%s', async (json, value) => {
    expect(await column(file('value.jsonl', `{"x":${json}}\n`), 'x')).toEqual([value]);
  });

  test('of a field named twice the last counts, also when its digits are kept', async () => {
    expect(await column(file('twice.jsonl', '{"x":1,"\\u0078":2}\n{"x":1,"x":1234567890123456789}\n'), 'x')).toEqual([
      2,
      1234567890123456789n,
    ]);
  });

  test('names that JavaScript objects have are fields as any other', async () => {
    const path = file('names.jsonl', '{"__proto__":{"a":1},"constructor":"c"}\n{"text":"x"}\n{"__proto__":NaN}\n');
    expect(await openRows(path).fields()).toEqual(['__proto__', 'constructor', 'text']);
    const rows = await read(path, ['__proto__', 'constructor', 'toString']);
    expect(rows.map((row) => Object.getOwnPropertyDescriptor(row, '__proto__')?.value)).toEqual([
      { a: 1 },
      undefined,
      Number.NaN,
    ]);
    expect(rows.map((row) => [row.constructor, row.toString])).toEqual([
      ['c', undefined],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
  });

  test('fields are those of the first 1,000 rows together, in order of appearance', async () => {
    const lines = Array.from({ length: 1001 }, (_, i) =>
      JSON.stringify({ [`f${i % 3}`]: 1, ...(i > 998 && { [`late${i}`]: 1 }) }),
    );
    expect(await openRows(file('union.jsonl', lines.join('\n'))).fields()).toEqual(['f0', 'f1', 'f2', 'late999']);
  });
});

describe('lines', () => {
  const lines = [
    '\ufeff{"text": "ä",  "n":1}\r\n',
    '{"text":"b"}\n',
    ' \t\n',
    '{"text":"c","deep":{"x":[1]}}\r',
    '{"text":"d"}',
  ];

  test('any line end, a byte-order mark, blank lines, a last line without an end; kept lines keep their bytes', async () => {
    const path = file('a.jsonl', lines.join(''));
    expect(await column(path, 'text')).toEqual(['ä', 'b', 'c', 'd']);
    expect((await kept(path, (row) => row !== 1, 'kept.jsonl')).toString()).toBe(lines[0] + lines[3] + lines[4]);
    expect((await kept(path, (row) => row === 1, 'kept.jsonl')).toString()).toBe(`\ufeff${lines[1]}`);
  });

  test('a byte-order mark in the middle, where files were put together, is none of the text', async () => {
    expect(await column(file('mid.jsonl', '{"text":"a"}\n\ufeff{"text":"b"}\n'), 'text')).toEqual(['a', 'b']);
  });

  test('a long line, across many chunks, and deep nesting are read', async () => {
    const path = file(
      'long.jsonl',
      `{"text":"${'x'.repeat(3_000_000)}"}\n{"text":"b","d":${'['.repeat(5000)}${']'.repeat(5000)}}\n`,
    );
    expect((await column(path, 'text')).map((text) => (text as string).length)).toEqual([3_000_000, 1]);
  });

  test('lines and characters are whole wherever the chunks of the file end', async () => {
    const values = Array.from({ length: 30_000 }, (_, i) => `${'☃é'.repeat(i % 7)}${i}`);
    for (const end of ['\n', '\r\n', '\r']) {
      const path = file('chunks.jsonl', values.map((text) => JSON.stringify({ text }) + end).join(''));
      expect(await column(path, 'text')).toEqual(values);
    }
  });

  test('an empty file has no rows', async () => {
    expect(await readRows(file('empty.jsonl', ''))).toEqual([]);
    expect(await openRows(file('empty.jsonl', '\ufeff')).fields()).toEqual([]);
  });
});

describe('rows that cannot be read', () => {
  const bad = [
    ['broken', '{"text":\n', /line 2: broken JSON/],
    ['a word as a name', '{NaN: 1}\n', /line 2: broken JSON/],
    ['a number with letters', '{"a": -NaN}\n', /line 2: broken JSON/],
    ['an array over several lines', '[\n', /line 2: broken JSON .*; a file that is one array is named .json/],
    ['a list', '[1]\n', /line 2: a list, not an object/],
    ['a number', '7\n', /line 2: a number, not an object/],
    ['null', 'null\n', /line 2: null, not an object/],
    [
      'Latin-1',
      Buffer.from('{"text":"\xe4"}\r\n', 'latin1'),
      /line 2: not valid utf-8; name the file's encoding with --encoding/,
    ],
  ] as const;

  test.each(bad)('%s is refused with its line', async (_, line, message) => {
    const path = file(
      'broken.jsonl',
      Buffer.concat([Buffer.from('{"text":"ä"}\n'), Buffer.from(line), Buffer.from('{"text":"c"}\n')]),
    );
    await expect(read(path, ['text'])).rejects.toThrow(message);
    await expect(openRows(path).fields()).rejects.toThrow(message);
    const told: string[] = [];
    const options = { onBrokenRow: (problem: string) => told.push(problem) };
    expect(await read(path, ['text'], options)).toEqual([{ text: 'ä' }, {}, { text: 'c' }]);
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(told[0]).not.toContain('\n');
    expect(await openRows(path, options).fields()).toEqual(['text']);
    expect(told.length).toBe(1);
    const written = await kept(path, (row) => row > 0, 'kept-broken.jsonl', options);
    expect(written.equals(Buffer.concat([Buffer.from(line), Buffer.from('{"text":"c"}\n')]))).toBe(true);
  });
});

test('reads what Python reads, and numbers rows alike when it keeps them', async () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
      fc.constantFrom(null, true, Number.NaN, Infinity),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 3 }), tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  const encode = (value: unknown): string => {
    if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
    if (Array.isArray(value)) return `[${value.map(encode).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
      .map(([name, item]) => `${JSON.stringify(name)}:${encode(item)}`)
      .join(',')}}`;
  };
  const values = fc.sample(value, { seed: 20, numRuns: 600 });
  const path = file('any.jsonl', values.map((x) => `{"x": ${encode(x)}}\n`).join(''));
  // Python's integers of all sizes come back as text behind an n, its special numbers as words.
  const theirs = python(
    `
import json, math, sys
def plain(v):
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {'o': [[k, plain(x)] for k, x in v.items()]}
    if isinstance(v, bool) or v is None or isinstance(v, str): return v
    if isinstance(v, int): return {'i': str(v)}
    return {'f': 'nan' if math.isnan(v) else v.hex()}
print(json.dumps([plain(json.loads(l)['x']) for l in open('any.jsonl', encoding='utf-8', newline='\\n')]))`,
    [],
    folder,
  );
  const same = (ours: unknown, theirs: unknown): void => {
    if (Array.isArray(ours)) {
      for (const [i, item] of ours.entries()) same(item, (theirs as unknown[])[i]);
    } else if (typeof ours === 'bigint') {
      expect(theirs).toEqual({ i: String(ours) });
    } else if (typeof ours === 'number') {
      const { i, f } = theirs as { i?: string; f?: string };
      expect(i === undefined ? fromHex(f!) : Number(i)).toEqual(ours);
    } else if (typeof ours === 'object' && ours !== null) {
      const entries = (theirs as { o: [string, unknown][] }).o;
      expect(new Set(entries.map(([name]) => name))).toEqual(new Set(Object.keys(ours)));
      for (const [name, item] of entries) same((ours as Record<string, unknown>)[name], item);
    } else {
      expect(theirs).toEqual(ours);
    }
  };
  const ours = await column(path, 'x');
  const parsed = JSON.parse(theirs) as unknown[];
  expect(ours.length).toBe(parsed.length);
  for (const [i, item] of ours.entries()) same(item, parsed[i]);
});

/** A float of Python's float.hex(). */
function fromHex(text: string): number {
  if (text === 'nan') return Number.NaN;
  if (text.endsWith('inf')) return text.startsWith('-') ? -Infinity : Infinity;
  const [, sign, whole, digits, exponent] = /^(-?)0x(\d)\.([0-9a-f]+)p([+-]\d+)$/.exec(text)!;
  const power = Number(exponent);
  const fraction = Number.parseInt(whole + digits, 16) / 16 ** digits.length;
  const value = power < -1000 ? fraction * 2 ** (power + 100) * 2 ** -100 : fraction * 2 ** power;
  return sign === '' ? value : -value;
}

test('rows are numbered alike when read and when kept, whatever is broken', async () => {
  const line = fc.constantFrom(
    '{"text":"a"}',
    '{"text":"ä"}',
    '',
    '  ',
    '[1]',
    '{"text":',
    '\xff',
    '{"text":"a"}{"text":"b"}',
  );
  const end = fc.constantFrom('\n', '\r\n', '\r');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, end), { maxLength: 12 }), fc.nat(7), async (lines, wanted) => {
      const path = file(
        'numbers.jsonl',
        Buffer.concat(lines.map(([text, end]) => Buffer.from(text + end, text === '\xff' ? 'latin1' : 'utf8'))),
      );
      const options = { onBrokenRow: () => {} };
      const rows = await read(path, ['text'], options);
      const one = await kept(path, (row) => row === wanted, 'number.jsonl', options);
      const again = await read(file('again.jsonl', one), ['text'], options);
      expect(again).toEqual(wanted < rows.length ? [rows[wanted]] : []);
    }),
    { numRuns: 150 },
  );
});

test('mutated bytes never crash the parser', async () => {
  const good = Buffer.from('{"id":1,"text":"ab"}\n{"id":NaN,"text":"c"}\n');
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
      const bad = Buffer.from(good);
      bad[at] = byte;
      try {
        await read(file('m.jsonl', bad), ['id', 'text']);
      } catch (error) {
        expect(CoresetError.isInstance(error), String(error)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
