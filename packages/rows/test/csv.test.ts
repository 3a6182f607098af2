import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CoresetError } from '@coreset/core';
import { openRows } from '@coreset/rows';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { CASES, column, file, folder, kept, read } from './support.ts';

const MAKE = `
import csv, duckdb, pandas, polars, datasets
texts = ['plain', 'a, b; c|d', 'he said "hi"', 'two\\nlines', 'tab\\there', '"quoted"', 'ä ☃ \\u2028', '']
rows = [{'id': i, 'text': t, 'more': 'x'} for i, t in enumerate(texts)]
df = pandas.DataFrame(rows)
for name, options in {
  'pandas.csv': {}, 'semicolon.csv': {'sep': ';'}, 'pipe.csv': {'sep': '|'}, 'tabs.csv': {'sep': '\\t'}, 'pandas.tsv': {'sep': '\\t'},
  'all.tsv': {'sep': '\\t', 'quoting': csv.QUOTE_ALL}, 'texts.tsv': {'sep': '\\t', 'quoting': csv.QUOTE_NONNUMERIC},
  'crlf.csv': {'lineterminator': '\\r\\n'}, 'bom.csv': {'encoding': 'utf-8-sig'}, 'utf16.csv': {'encoding': 'utf-16'},
}.items(): df.to_csv(name, index=False, **options)
df.to_csv('index.csv')
with open('python.csv', 'w', newline='', encoding='utf-8') as f:
    w = csv.writer(f); w.writerow(['id', 'text', 'more']); w.writerows(r.values() for r in rows)
with open('excel-tab.tsv', 'w', newline='', encoding='utf-8') as f:
    w = csv.writer(f, dialect='excel-tab'); w.writerow(['id', 'text', 'more']); w.writerows(r.values() for r in rows)
polars.DataFrame(rows).write_csv('polars.csv')
polars.DataFrame(rows).write_csv('polars.tsv', separator='\\t')
datasets.Dataset.from_list(rows).to_csv('datasets.csv')
duckdb.sql("copy df to 'duckdb.csv' (header)")
duckdb.sql("copy df to 'duckdb.tsv' (header, delimiter '\\t')")
df[['text']].iloc[[0, 2, 3, 5]].to_csv('one.tsv', sep='\\t', index=False)
df.iloc[[0, 2, 5]].to_csv('quotes.tsv', sep='\\t', index=False)
df.iloc[[0, 2, 5]].to_csv('backslash.csv', index=False, doublequote=False, escapechar='\\\\', quoting=csv.QUOTE_ALL)
`;
const TEXTS = ['plain', 'a, b; c|d', 'he said "hi"', 'two\nlines', 'tab\there', '"quoted"', 'ä ☃ \u2028', ''];

describe('files of other tools', () => {
  python(MAKE, [], folder);

  test.each([
    'pandas.csv',
    'semicolon.csv',
    'pipe.csv',
    'tabs.csv',
    'pandas.tsv',
    'all.tsv',
    'texts.tsv',
    'crlf.csv',
    'bom.csv',
    'utf16.csv',
    'index.csv',
    'python.csv',
    'excel-tab.tsv',
    'polars.csv',
    'polars.tsv',
    'datasets.csv',
    'duckdb.csv',
    'duckdb.tsv',
  ])('%s reads as it was written, and kept records keep their bytes', async (name) => {
    const path = join(folder, name);
    expect((await openRows(path).fields()).slice(-3)).toEqual(['id', 'text', 'more']);
    const texts = name.startsWith('crlf') ? TEXTS.map((text) => text.replace('\n', '\r\n')) : TEXTS;
    const rows = await read(path, ['id', 'text', 'more', 'none']);
    const asWritten = rows.map(({ text }) => text);
    // pandas writes a quoted line break with the line end of the file only in some versions
    if (name.startsWith('crlf')) expect([texts[3], TEXTS[3]]).toContain(asWritten[3]);
    else expect(asWritten).toEqual(texts);
    expect(rows.map(({ id }) => id)).toEqual(TEXTS.map((_, i) => String(i)));
    expect(rows.every(({ more, none }) => more === 'x' && none === undefined)).toBe(true);
    expect(await kept(path, () => true, `all-${name}`)).toEqual(readFileSync(path));
    const some = await kept(path, (row) => row % 2 === 1, `some-${name}`);
    expect(readFileSync(path).subarray(0, 4)).toEqual(some.subarray(0, 4));
    expect(await column(join(folder, `some-${name}`), 'text')).toEqual(asWritten.filter((_, i) => i % 2 === 1));
  });

  test('a TSV file without tabs or line breaks in its texts still reads as pandas wrote it', async () => {
    expect(await column(join(folder, 'quotes.tsv'), 'text')).toEqual([TEXTS[0], TEXTS[2], TEXTS[5]]);
    expect(await column(join(folder, 'one.tsv'), 'text')).toEqual([TEXTS[0], TEXTS[2], TEXTS[3], TEXTS[5]]);
  });

  test('quotes behind backslashes', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    expect(await column(join(folder, 'backslash.csv'), 'text', { onNotice })).toEqual([TEXTS[0], TEXTS[2], TEXTS[5]]);
    expect(notices).toEqual([expect.stringMatching(/backslash.csv: \\" is read as a quote in quoted fields$/)]);
  });
});

describe('reported cases', () => {
  const at = (name: string): string => join(CASES, name);

  test('line ends may differ within a file', async () => {
    const path = at('csv-mixed-line-ends/one-column.csv');
    expect(await column(path, 'text')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await column(at('csv-mixed-line-ends/two-columns.csv'), 'text')).toEqual(['a', 'b', 'c']);
    expect(await kept(path, () => true, 'mixed.csv')).toEqual(readFileSync(path));
  });

  test('columns that nobody asks for may be nameless or named alike', async () => {
    expect(await openRows(at('csv-nameless-columns/t.csv')).fields()).toEqual(['id', 'text', '', '']);
    expect(await column(at('csv-nameless-columns/t.csv'), 'text')).toEqual(['a', 'b']);
    expect(await column(at('csv-nameless-columns/u.csv'), 'text')).toEqual(['a', 'b']);
    await expect(column(at('csv-nameless-columns/u.csv'), '')).rejects.toThrow(/names the column '' twice/);
  });

  test('another delimiter is told from the header, and said', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    expect(await column(at('csv-semicolon/s.csv'), 'text', { onNotice })).toEqual(['hello there', 'good bye', 'again']);
    expect(await column(at('csv-semicolon/pipe.csv'), 'text', { onNotice })).toEqual(['hello there', 'good bye']);
    expect(notices).toEqual([
      expect.stringMatching(/s.csv: the fields are separated by ';', as its header shows$/),
      expect.stringMatching(/pipe.csv: the fields are separated by '\|', as its header shows$/),
    ]);
  });

  test('a quote in a TSV file that does not quote is a character', async () => {
    expect(await column(at('tsv-quotes/inner.tsv'), 'text')).toEqual(['Plush "bear" toy', 'a 5" nail', 'plain']);
    expect(await column(at('tsv-quotes/span.tsv'), 'text')).toEqual(['"Well', 'I am here', 'good bye"', 'last']);
  });
});

describe('the delimiter', () => {
  test('that of the name counts where most records fit it', async () => {
    expect(await read(file('d.csv', 'a,b;c\n1,2\n'), ['a', 'b;c'])).toEqual([{ a: '1', 'b;c': '2' }]);
    expect(await read(file('d.csv', 'name, first;text\nx;y\nz;1,2\n'), ['text'])).toEqual([
      { text: 'y' },
      { text: '1,2' },
    ]);
    expect(await openRows(file('d.csv', '"a;b"\n1\n')).fields()).toEqual(['a;b']);
    expect(await openRows(file('d.tsv', 'a,b\n1,2\n')).fields()).toEqual(['a', 'b']);
    expect(await openRows(file('d.csv', 'text\na; b\n')).fields()).toEqual(['text']);
  });

  test("Excel's first line names it, and stays", async () => {
    const path = file('excel.csv', '\ufeffsep=;\r\na;b\r\n1;"x;y"\r\n2;z\r\n');
    expect(await read(path)).toEqual([
      { a: '1', b: 'x;y' },
      { a: '2', b: 'z' },
    ]);
    expect((await kept(path, (row) => row === 1, 'excel-kept.csv')).toString()).toBe('\ufeffsep=;\r\na;b\r\n2;z\r\n');
  });

  test('may be named, of several characters too', async () => {
    expect(await read(file('d.csv', 'a||b\n1||x|y\n'), ['b'], { delimiter: '||' })).toEqual([{ b: 'x|y' }]);
    expect(await openRows(file('d.csv', 'a\tb,c\n'), { delimiter: '\\t' }).fields()).toEqual(['a', 'b,c']);
    expect(await openRows(file('d.csv', 'a;b,c\n'), { delimiter: ',' }).fields()).toEqual(['a;b', 'c']);
    for (const delimiter of ['', '"', '\n'])
      await expect(openRows(file('d.csv', 'a\n'), { delimiter }).fields()).rejects.toThrow(/--delimiter must be/);
  });
});

describe('the header', () => {
  test("a column without a name: R's row names, and a delimiter at the end of each record", async () => {
    expect(await read(file('r.tsv', '"id"\t"text"\n"1"\t7\t"a"\n"2"\t8\t"b"\n'))).toEqual([
      { '': '1', id: '7', text: 'a' },
      { '': '2', id: '8', text: 'b' },
    ]);
    expect(await openRows(file('end.csv', 'id,text\n1,a,\n2,b,\n')).fields()).toEqual(['id', 'text', '']);
  });

  test('names that JavaScript objects have', async () => {
    const [row] = await read(file('proto.csv', '__proto__,constructor\n1,2\n'), ['__proto__', 'constructor']);
    expect(Object.getOwnPropertyDescriptor(row, '__proto__')?.value).toBe('1');
    expect(row.constructor).toBe('2');
  });

  test('in another encoding than UTF-8 is said so, not read with broken names', async () => {
    const path = file('latin-header.csv', Buffer.from('Nr;\xdcberschrift\n1;x\n', 'latin1'));
    await expect(openRows(path).fields()).rejects.toThrow(
      /latin-header.csv, line 1: not valid utf-8; .*--encoding, such as/,
    );
    expect(await openRows(path, { encoding: 'windows-1252' }).fields()).toEqual(['Nr', 'Überschrift']);
  });

  test('an empty file has none; one without rows has', async () => {
    for (const content of ['', '\ufeff', '\n\n', 'sep=;\n'])
      await expect(openRows(file('empty.csv', content)).fields()).rejects.toThrow(/is empty; a header line/);
    expect(await read(file('header.csv', 'a,b'))).toEqual([]);
    expect((await kept(join(folder, 'header.csv'), () => true, 'header-kept.csv')).toString()).toBe('a,b');
  });
});

describe('records that do not fit', () => {
  test.each([
    ['too few fields', '1\n', /line 3: 1 field where the header has 2; quote what holds the delimiter/],
    ['too many fields', '1,2,3\n', /line 3: 3 fields where the header has 2/],
    [
      'wrong bytes',
      Buffer.from('1,\xe4\n', 'latin1'),
      /line 3: not valid utf-8; name the file's encoding with --encoding/,
    ],
  ])('%s', async (_, record, message) => {
    const bytes = Buffer.concat([Buffer.from('a,b\n0,"x\ny"\n'), Buffer.from(record), Buffer.from('2,ö\n')]);
    const path = file('bad.csv', Buffer.concat([Buffer.from('a,b\n0,x\n'), bytes.subarray(12)]));
    await expect(read(path, ['b'])).rejects.toThrow(message);
    const told: string[] = [];
    const options = { onBrokenRow: (problem: string) => told.push(problem) };
    expect(await column(path, 'b', options)).toEqual(['x', undefined, 'ö']);
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(await kept(path, (row) => row === 1, 'bad-kept.csv', options)).toEqual(
      Buffer.concat([Buffer.from('a,b\n'), Buffer.from(record)]),
    );
  });

  test('a quote that is never closed costs its line alone', async () => {
    const path = file('open.csv', 'a,b\n1,"x\n2,y\n3,z\n');
    await expect(read(path, ['b'])).rejects.toThrow(/line 2: a quote is opened and never closed/);
    expect(await column(path, 'b', { onBrokenRow: () => {} })).toEqual([undefined, 'y', 'z']);
    const far = file('far.csv', `a,b\n1,"x\n${`2,${'y'.repeat(200)}\n`.repeat(100_000)}`);
    let rows = 0;
    for await (const batch of openRows(far, { onBrokenRow: () => {} }).batches(['b'])) rows += batch.length;
    expect(rows).toBe(100_001);
  });

  test('text after a closing quote is read as Python and pandas read it, and said', async () => {
    const notices: string[] = [];
    const path = file('stray.csv', 'a,b\n1,"a 5" nail"\n2,"x"y"\n');
    expect(await column(path, 'b', { onNotice: (notice) => notices.push(notice) })).toEqual(['a 5 nail"', 'xy"']);
    expect(notices).toEqual([expect.stringMatching(/stray.csv, line 2: text after a closing quote is read as a part/)]);
  });

  test('line numbers count the lines in quotes', async () => {
    await expect(read(file('lines.csv', 'a,b\n1,"x\r\ny\n\n"\n\n2\n'), ['a'])).rejects.toThrow(/line 7: 1 field/);
  });
});

test('records are whole wherever the chunks of the file end', async () => {
  const values = Array.from({ length: 8000 }, (_, i) => `${'"ä\n,\r\n'.repeat(i % 5)}${i}`);
  const path = file(
    'chunks.csv',
    `n,x\n${values.map((text, i) => `${i},"${text.replaceAll('"', '""')}"\r\n`).join('')}`,
  );
  expect(await column(path, 'x')).toEqual(values);
  const all = await kept(path, () => true, 'chunks-kept.csv');
  expect(all.equals(readFileSync(path))).toBe(true);
  const long = 'a "b"\n'.repeat(100_000);
  expect(await column(file('long.csv', `x\n"${long.replaceAll('"', '""')}"\nend\n`), 'x')).toEqual([long, 'end']);
});

test('a field keeps no more of the file in memory than itself', async () => {
  const path = file(
    'ids.csv',
    `id,text\n${Array.from({ length: 3000 }, (_, i) => `identifier-number-${i},${'x'.repeat(20_000)}\n`).join('')}`,
  );
  const ids: unknown[] = [];
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for await (const { id } of openRows(path).read(['id'])) ids.push(id);
  collect();
  expect(ids.length).toBe(3000);
  const held = process.memoryUsage().heapUsed;
  ids.length = 0;
  collect();
  expect(held - process.memoryUsage().heapUsed).toBeLessThan(10e6);
});

test('reads what the csv module of Python reads, and keeps bytes of the input', async () => {
  const piece = fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', '\r', 'ü', ' ', '\\', '"x"', ',"', '",', '1');
  const bodies = fc
    .sample(fc.array(piece, { maxLength: 14 }), { seed: 20, numRuns: 800 })
    .map((pieces) => pieces.join(''));
  for (const [i, body] of bodies.entries()) file(`any-${i}.csv`, body);
  const theirs = JSON.parse(
    python(
      `
import csv, json
out = []
for i in range(${bodies.length}):
    with open(f'any-{i}.csv', newline='', encoding='utf-8') as f:
        out.append([r for r in csv.reader(f) if r])
print(json.dumps(out))`,
      [],
      folder,
    ),
  ) as string[][][];
  let compared = 0;
  for (let i = 0; i < bodies.length; i++) {
    // A file of Python's has no header for us to hold it to: ours is as wide as all its records, or it is refused.
    const [header, ...records] = theirs[i];
    if (header === undefined || new Set(header).size < header.length || /sep=/.test(bodies[i])) continue;
    const path = join(folder, `any-${i}.csv`);
    const notes: string[] = [];
    const options = {
      delimiter: ',',
      onBrokenRow: (problem: string) => notes.push(problem),
      onNotice: (n: string) => notes.push(n),
    };
    if (
      /never closed/.test(
        await openRows(path, options)
          .fields()
          .then(() => '', String),
      )
    )
      continue;
    const fields = await openRows(path, options).fields();
    if (fields.length !== header.length || notes.some((note) => /never closed|backslash|read as a quote/.test(note)))
      continue;
    const rows = await read(path, fields, options);
    if (notes.some((note) => /never closed|read as a quote/.test(note))) continue;
    compared++;
    expect(fields, bodies[i]).toEqual(header);
    const fitting = records.map((record) => (record.length === header.length ? record : undefined));
    expect(
      rows.map((row) => (Object.keys(row).length === 0 ? undefined : fields.map((field) => row[field]))),
      JSON.stringify(bodies[i]),
    ).toEqual(fitting);
    const head = (await kept(path, () => false, 'head.csv', options)).toString();
    const first = (await kept(path, (row) => row === 0, 'one.csv', options)).toString();
    expect(bodies[i]).toContain(head);
    expect(first.startsWith(head)).toBe(true);
    expect(bodies[i]).toContain(first.slice(head.length));
  }
  expect(compared).toBeGreaterThan(350);
});

test('any records survive being kept', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'ü', ' ', '\t', '\r'), maxLength: 6 });
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(table, fc.nat(8), async (records, left) => {
      const path = file('p.csv', `"x","y"\n${records.map((record) => record.map(quote).join(',')).join('\n')}\n`);
      await kept(path, (row) => row !== left, 'p-kept.csv');
      const expected = records.filter((_, i) => i !== left).map(([x, y]) => ({ x, y }));
      expect(await read(join(folder, 'p-kept.csv'), ['x', 'y'])).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test('mutated text never crashes the parser', async () => {
  const good = Buffer.from('id,text\n1,"a ""b"""\n2,c\n');
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
      const bad = Buffer.from(good);
      bad[at] = byte;
      for (const name of ['m.csv', 'm.tsv']) {
        try {
          await read(file(name, bad), ['text']);
        } catch (error) {
          expect(CoresetError.isInstance(error), String(error)).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});
