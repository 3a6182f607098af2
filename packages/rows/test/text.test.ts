import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRows } from '@coreset/rows';
import { describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { column, file, folder, kept, read } from './support.ts';

describe('a line a row', () => {
  test('empty lines too; any line end, a form feed or U+2028 is none; kept lines keep their bytes', async () => {
    const path = file('a.txt', '\ufeffone\n\nthree\u2028still\f\x0b\x85three\r\nfour\rfive\r\n\r\nseven');
    const lines = ['one', '', 'three\u2028still\f\x0b\x85three', 'four', 'five', '', 'seven'];
    expect(await column(path, 'text')).toEqual(lines);
    expect(await openRows(path).fields()).toEqual(['text']);
    expect(await kept(path, () => true, 'all.txt')).toEqual(readFileSync(path));
    expect((await kept(path, (row) => row === 0 || row === 2, 'kept.txt')).toString()).toBe(
      '\ufeffone\nthree\u2028still\f\x0b\x85three\r\n',
    );
  });

  test('a line break of two bytes is one wherever the chunks of the file end', async () => {
    for (let length = 65_530; length < 65_540; length++) {
      const path = file('cr.txt', `${'x'.repeat(length)}\r\nb\r\n`);
      expect((await column(path, 'text')).map((text) => (text as string).length)).toEqual([length, 1]);
    }
  });

  test('an empty file has no rows', async () => {
    expect(await read(file('empty.txt', ''))).toEqual([]);
    expect(await read(file('empty.txt', '\n'))).toEqual([{ text: '' }]);
  });
});

const ENCODINGS = [
  'utf-8',
  'utf-8-sig',
  'utf-16',
  'utf-16-le',
  'utf-16-be',
  'latin-1',
  'cp1252',
  'shift_jis',
  'gbk',
  'gb18030',
  'big5',
  'euc_kr',
  'koi8-r',
  'iso2022_jp',
];
/** With characters whose bytes hold those of line breaks, delimiters, quotes and backslashes in some encoding. */
const LINES: Record<string, string[]> = {
  'utf-8': ['ä☃😀', 'b'],
  'utf-16': ['ਊ਍ഊĊ☃😀', 'b', 'č\u0a00'],
  latin: ['äöüß ×', 'b'],
  cp1252: ['“€” – …ž', 'b'],
  shift_jis: ['ソース表 構造 能|力', 'ポ'],
  gbk: ['誠 乗|丂 你好', 'b'],
  big5: ['功 許 蓋', 'b'],
  euc_kr: ['한국어', 'b'],
  koi8: ['Привет', 'b'],
  iso2022: ['日本語テスト', 'b'],
};
const linesOf = (encoding: string): string[] =>
  LINES[Object.keys(LINES).find((start) => encoding.startsWith(start)) ?? (encoding === 'gb18030' ? 'gbk' : '')]!;

describe('encodings', () => {
  python(
    `
import csv, json, sys
for encoding, lines in json.loads(sys.argv[1]).items():
    for end, name in (('\\n', 'lf'), ('\\r\\n', 'crlf')):
        with open(f'{encoding}-{name}.txt', 'w', encoding=encoding, newline='') as f: f.write(end.join(lines) + end)
        with open(f'{encoding}-{name}.jsonl', 'w', encoding=encoding, newline='') as f:
            for line in lines: f.write(json.dumps({'text': line}, ensure_ascii=False) + end)
        with open(f'{encoding}-{name}.csv', 'w', encoding=encoding, newline='') as f:
            w = csv.writer(f, lineterminator=end); w.writerow(['n', 'text'])
            for i, line in enumerate(lines): w.writerow([i, line + ',"' + end])
        with open(f'{encoding}-{name}.tsv', 'w', encoding=encoding, newline='') as f:
            f.write('n|text' + end)
            for i, line in enumerate(lines): f.write(f'{i}|{line.replace("|", "")}' + end)
`,
    [JSON.stringify(Object.fromEntries(ENCODINGS.map((encoding) => [encoding, linesOf(encoding)])))],
    folder,
  );

  test.each(ENCODINGS.flatMap((encoding) => ['lf', 'crlf'].map((end) => [encoding, end])))(
    '%s, %s',
    async (encoding, end) => {
      const marked = encoding === 'utf-16' || encoding.startsWith('utf-8');
      const options = marked ? {} : { encoding: encoding.replace('iso2022_jp', 'iso-2022-jp') };
      const lines = linesOf(encoding);
      const at = (extension: string): string => join(folder, `${encoding}-${end}.${extension}`);
      for (const extension of ['txt', 'jsonl', 'csv', 'tsv']) {
        const path = at(extension);
        const lineEnd = end === 'lf' ? '\n' : '\r\n';
        const expected =
          { csv: lines.map((line) => `${line},"${lineEnd}`), tsv: lines.map((line) => line.replace('|', '')) }[
            extension
          ] ?? lines;
        expect(await column(path, 'text', options), path).toEqual(expected);
        expect(await kept(path, () => true, `all.${extension}`, options), path).toEqual(readFileSync(path));
        const last = await kept(path, (row) => row === lines.length - 1, `last.${extension}`, options);
        expect(await column(join(folder, `last.${extension}`), 'text', options), path).toEqual(expected.slice(-1));
        expect(readFileSync(path).includes(last.subarray(-2)), path).toBe(true);
      }
    },
  );

  test('without its name a file is refused with the line, and with what to do', async () => {
    const refused = /line 1: not valid utf-8; name the file's encoding with --encoding/;
    await expect(column(join(folder, 'cp1252-lf.txt'), 'text')).rejects.toThrow(refused);
    await expect(column(join(folder, 'utf-16-le-lf.jsonl'), 'text')).rejects.toThrow(
      /looks like utf-16le .*; add --encoding utf-16le/,
    );
    await expect(column(join(folder, 'utf-16-be-lf.csv'), 'text')).rejects.toThrow(/looks like utf-16be/);
    await expect(column(join(folder, 'cp1252-lf.txt'), 'text', { encoding: 'shift_jis' })).rejects.toThrow(
      /not valid shift_jis/,
    );
  });

  test('a broken line costs no other, in any encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\ufeffa\n', 'utf16le'),
      Buffer.from([0, 0xd8]),
      Buffer.from('\nc\n', 'utf16le'),
    ]);
    const told: string[] = [];
    const options = { onBrokenRow: (problem: string) => told.push(problem) };
    const path = file('surrogate.txt', bytes);
    expect(await column(path, 'text', options)).toEqual(['a', undefined, 'c']);
    expect(told).toEqual([expect.stringMatching(/surrogate.txt, line 2: not valid utf-16le/)]);
    expect(await kept(path, (row) => row === 2, 'c.txt', options)).toEqual(Buffer.from('\ufeffc\n', 'utf16le'));
  });

  test('a name that is unknown or against the byte-order mark is refused', async () => {
    const path = join(folder, 'utf-16-lf.txt');
    expect(await column(path, 'text', { encoding: 'UTF-16' })).toEqual(linesOf('utf-16'));
    expect(await column(path, 'text', { encoding: 'utf_16_le' })).toEqual(linesOf('utf-16'));
    await expect(column(path, 'text', { encoding: 'latin1' })).rejects.toThrow(
      /byte-order mark of utf-16le, not latin1/,
    );
    await expect(column(path, 'text', { encoding: 'klingon' })).rejects.toThrow(
      /--encoding klingon: unknown; name one/,
    );
    await expect(column(file('u32.txt', Buffer.from([0xff, 0xfe, 0, 0, 65, 0, 0, 0])), 'text')).rejects.toThrow(
      /UTF-32 is not read/,
    );
  });
});
