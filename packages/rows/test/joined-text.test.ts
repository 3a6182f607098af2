import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows, requireWritableAs, writeKeptRows, writeKeptTo } from '@coreset/rows';
import { expect, test } from 'vitest';
import { column, file, folder } from './support.ts';

/** Write the kept rows of several files into one, and read it. */
async function together(paths: string[], out: string, keep = (_: number): boolean => true): Promise<unknown[]> {
  await writeKeptRows(openRows(paths), keep, join(folder, out));
  return column(join(folder, out), 'text');
}

test('two kept rows never end up on one line, in any encoding', async () => {
  for (const encoding of ['utf8', 'utf16le'] as const) {
    const mark = encoding === 'utf8' ? '' : '\ufeff';
    const a = file('a.jsonl', Buffer.from(`${mark}{"text":"a"}\n{"text":"b"}`, encoding));
    const b = file('b.jsonl', Buffer.from(`${mark}{"text":"c"}\r\n{"text":"d"}`, encoding));
    const c = file('c.jsonl', Buffer.from(`${mark}{"text":"e"}`, encoding));
    expect(await together([a, b, c], 'joined.jsonl')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await together([a, b, c], 'joined.jsonl', (row) => row === 1 || row === 4)).toEqual(['b', 'e']);
  }
});

test('text and CSV: one byte-order mark and one header, and no empty line where nothing is kept', async () => {
  const [a, b] = ['a', 'b'].map((name) => file(`${name}.txt`, `\ufeff${name}1\n${name}2`));
  expect(await together([a, b], 'joined.txt')).toEqual(['a1', 'a2', 'b1', 'b2']);
  expect(await together([a, b], 'joined.txt', (row) => row > 1)).toEqual(['b1', 'b2']);
  const [c, d] = ['c', 'd'].map((name) => file(`${name}.csv`, `\ufeffid;text\r\n1;${name}1\r\n2;${name}2`));
  expect(await together([c, d], 'joined.csv')).toEqual(['c1', 'c2', 'd1', 'd2']);
});

test('arrays become one array; files of different encodings are not put into one', async () => {
  const [a, b] = ['a', 'b'].map((name) => file(`${name}.json`, `[{"text":"${name}"}]`));
  expect(await together([a, b], 'joined.json')).toEqual(['a', 'b']);
  expect(JSON.parse(readFileSync(join(folder, 'joined.json'), 'utf8'))).toEqual([{ text: 'a' }, { text: 'b' }]);
  const [c, d] = ['c', 'd'].map((name) => file(`${name}.json`, `{"text":"${name}"}\n`));
  expect(await together([c, d], 'lines.json')).toEqual(['c', 'd']);
  const e = file('e.jsonl', Buffer.from('\ufeff{"text":"e"}', 'utf16le'));
  await expect(together([file('a.jsonl', '{}'), e], 'x.jsonl')).rejects.toThrow(/utf-16le beside utf-8/);
});

test('columns in the names of folders are in the kept file too, or it is refused', async () => {
  for (const lang of ['de', 'en']) {
    mkdirSync(join(folder, `hive/lang=${lang}`), { recursive: true });
    file(`hive/lang=${lang}/part.jsonl`, `{"text":"a ${lang}","n":1152921504606846977}\n{"text":"b ${lang}"}\n`);
  }
  const rows = openRows(join(folder, 'hive'));
  await writeKeptRows(rows, (row) => row !== 1, join(folder, 'hive.jsonl'));
  expect(readFileSync(join(folder, 'hive.jsonl'), 'utf8').split('\n')).toEqual([
    '{"text":"a de","n":1152921504606846977,"lang":"de"}',
    '{"text":"a en","n":1152921504606846977,"lang":"en"}',
    '{"text":"b en","lang":"en"}',
    '',
  ]);
  const pieces: Buffer[] = [];
  await writeKeptTo(rows, (row) => row === 3, { write: (bytes) => void pieces.push(Buffer.from(bytes)) });
  expect(Buffer.concat(pieces).toString()).toBe('{"text":"b en","lang":"en"}\n');
  for (const format of ['parquet', 'arrow']) {
    mkdirSync(join(folder, `${format}/lang=de`), { recursive: true });
    await writeKeptRows(
      openRows(join(folder, 'hive.jsonl')),
      () => true,
      join(folder, `${format}/lang=de/a.${format}`),
    );
    // The column is in the files too, as some tools write it.
    await writeKeptRows(openRows(join(folder, format)), () => true, join(folder, `own.${format}`));
    mkdirSync(join(folder, `${format}-of/year=2020`), { recursive: true });
    await writeKeptRows(openRows(join(folder, format)), () => true, join(folder, `${format}-of/year=2020/a.${format}`));
    const dated = openRows(join(folder, `${format}-of`));
    const out = join(folder, `one.${format}`);
    const told = `${out}: the column 'year' is in the names of folders alone, so one ${format} file would lose it; keep the folders with --out DIR/, or name a .jsonl or .csv file`;
    await expect(requireWritableAs(dated, out)).rejects.toThrow(told);
    await expect(writeKeptRows(dated, () => true, out)).rejects.toThrow(told);
  }
});
