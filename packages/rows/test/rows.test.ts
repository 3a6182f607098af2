import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CoresetError, readNpyMatrix, writeNpy } from '@coreset/core';
import { openRows, type Row, readRows, writeKeptRows } from '@coreset/rows';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string, fields: string[]): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of openRows(path).read(fields)) rows.push(row);
  return rows;
}

/** Keep rows 0 and 2 and return what was written. */
async function keepTwo(path: string, out: string): Promise<Buffer> {
  await writeKeptRows(openRows(path), (row) => row === 0 || row === 2, join(folder, out));
  return readFileSync(join(folder, out));
}

describe('JSONL', () => {
  const lines = ['{"text": "ä",  "n":1}\r\n', '{"text":"b"}\n', '\n', '{"text":"c","deep":{"x":[1]}}'];

  test('kept lines keep their bytes; lines without content are no rows', async () => {
    const path = file('a.jsonl', lines.join(''));
    expect((await read(path, ['text'])).map(({ text }) => text)).toEqual(['ä', 'b', 'c']);
    expect(await openRows(path).fields()).toEqual(['text', 'n']);
    expect((await keepTwo(path, 'kept.jsonl')).toString()).toBe(lines[0] + lines[3]);
  });

  test('gzip in, gzip out', async () => {
    const path = file('a.jsonl.gz', gzipSync(lines.join('')));
    expect(gunzipSync(await keepTwo(path, 'kept.jsonl.gz')).toString()).toBe(lines[0] + lines[3]);
    expect((await keepTwo(path, 'kept-plain.jsonl')).toString()).toBe(lines[0] + lines[3]);
  });

  test('a long line, across many chunks, and deep nesting are read', async () => {
    const path = file(
      'long.jsonl',
      `{"text":"${'x'.repeat(3_000_000)}"}\n{"text":"b","d":${'['.repeat(5000)}${']'.repeat(5000)}}\n`,
    );
    expect((await read(path, ['text'])).map(({ text }) => (text as string).length)).toEqual([3_000_000, 1]);
  });

  test.each([
    ['broken', '{"text":"a"}\n{"text":\n', /broken.jsonl, line 2: broken JSON/],
    ['a list', '[1]\n', /line 1: a list, not an object/],
    ['a number', '7\n', /line 1: a number, not an object/],
    ['Latin-1', Buffer.from('{"text":"\xe4"}\n', 'latin1'), /line 1: not valid UTF-8/],
  ])('%s is refused with its line', async (_, content, message) => {
    await expect(read(file('broken.jsonl', content), ['text'])).rejects.toThrow(message);
  });
});

describe('CSV and TSV', () => {
  test('BOM, CRLF, quotes, line breaks inside quotes; kept records keep their quoting', async () => {
    const path = file('a.csv', '\ufeffid,text\r\n1,"a ""q"",\r\nb"\r\n2,plain\r\n3,last');
    expect(await openRows(path).fields()).toEqual(['id', 'text']);
    expect(await read(path, ['text'])).toEqual([{ text: 'a "q",\r\nb' }, { text: 'plain' }, { text: 'last' }]);
    expect((await keepTwo(path, 'kept.csv')).toString()).toBe('id,text\n1,"a ""q"",\r\nb"\n3,last\n');
  });

  test('TSV', async () => {
    const path = file('a.tsv', 'id\ttext\n1\ta, b\n2\tc\n3\td\n');
    expect(await read(path, ['id', 'text'])).toContainEqual({ id: '1', text: 'a, b' });
    expect((await keepTwo(path, 'kept.tsv')).toString()).toBe('id\ttext\n1\ta, b\n3\td\n');
  });

  test.each([
    ['ragged', 'a,b\n1,2\n3\n', /Invalid Record Length.*line 3.*as many fields as the header/],
    ['unclosed quote', 'a,b\n1,"2\n3\n', /Quote Not Closed/],
    ['a column named twice', 'a,a\n1,2\n', /names the column 'a' twice/],
    ['Latin-1', Buffer.from('a,b\n1,\xe4\n', 'latin1'), /not valid UTF-8 near byte 0/],
  ])('%s is refused', async (_, content, message) => {
    await expect(read(file('bad.csv', content), ['a'])).rejects.toThrow(message);
  });

  test('an empty file has no header', async () => {
    await expect(openRows(file('empty.csv', '')).fields()).rejects.toThrow(/a header line/);
  });

  test('any records survive being kept', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'ü', ' '), maxLength: 6 });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, async (records) => {
        const path = file('p.csv', `x,y\n${records.map((record) => record.map(quote).join(',')).join('\n')}\n`);
        await writeKeptRows(openRows(path), () => true, join(folder, 'p-kept.csv'));
        expect(await read(join(folder, 'p-kept.csv'), ['x', 'y'])).toEqual(records.map(([x, y]) => ({ x, y })));
      }),
      { numRuns: 60 },
    );
  });
});

test('text: a line a row, empty lines too', async () => {
  const path = file('a.txt', 'one\n\nthree\r\n');
  expect(await read(path, ['text'])).toEqual([{ text: 'one' }, { text: '' }, { text: 'three' }]);
  expect((await keepTwo(path, 'kept.txt')).toString()).toBe('one\nthree\r\n');
});

describe('Parquet', () => {
  const columnData = [
    { name: 'text', data: ['a', 'b', 'c', 'd'], type: 'STRING' as const },
    { name: 'n', data: [1n, 2n, 3n, 2n ** 62n], type: 'INT64' as const },
    { name: 'when', data: [0, 1, 2, 3].map((ms) => new Date(ms)), type: 'TIMESTAMP' as const },
    { name: 'tags', data: [['x'], [], ['y', 'z'], ['w']], type: 'JSON' as const },
  ];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2 }));

  test('only the fields asked for are read, across row groups', async () => {
    const path = file('a.parquet', bytes);
    expect(await openRows(path).fields()).toEqual(['text', 'n', 'when', 'tags']);
    expect(await read(path, ['text'])).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'c' }, { text: 'd' }]);
  });

  test('the kept file has every column with its type and values', async () => {
    const path = file('a.parquet', bytes);
    await keepTwo(path, 'kept.parquet');
    const kept = await asyncBufferFromFile(join(folder, 'kept.parquet'));
    expect(await parquetReadObjects({ file: kept })).toEqual([
      { text: 'a', n: 1n, when: new Date(0), tags: ['x'] },
      { text: 'c', n: 3n, when: new Date(2), tags: ['y', 'z'] },
    ]);
    const types = async (at: string) => (await parquetMetadataAsync(await asyncBufferFromFile(at))).schema;
    expect(await types(join(folder, 'kept.parquet'))).toEqual(await types(path));
  });

  test('a damaged byte anywhere never crashes or hangs the reader', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        async (at, byte) => {
          const bad = Uint8Array.from(bytes);
          bad[at] = byte;
          try {
            await read(file('bad.parquet', bad), ['text', 'n', 'when', 'tags']);
          } catch (error) {
            expect(CoresetError.isInstance(error), String(error)).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
    await expect(read(file('cut.parquet', bytes.subarray(0, 100)), ['text'])).rejects.toThrow(/cut short, damaged/);
  });

  test('a page that points back to itself is refused', async () => {
    // The first page header follows the magic word: page type, then its size unpacked and packed, as zigzag varints.
    expect([bytes[4], bytes[6], bytes[8]]).toEqual([0x15, 0x15, 0x15]);
    const bad = Uint8Array.from(bytes);
    bad[9] = 0x13; // −10, the length of what was read up to there
    await expect(read(file('loop.parquet', bad), ['text'])).rejects.toThrow(/page at byte 4 is damaged/);
  });
});

test('.npy embeddings: the kept file holds the kept rows', async () => {
  const path = join(folder, 'e.npy');
  await writeNpy(path, new Float32Array([1, 2, 3, 4, 5, 6]), [3, 2]);
  await keepTwo(path, 'kept.npy');
  expect(Array.from(readNpyMatrix(join(folder, 'kept.npy')).data)).toEqual([1, 2, 5, 6]);
});

test('a folder: its images are the rows, those of folders in it too', async () => {
  const photos = join(folder, 'photos');
  mkdirSync(join(photos, 'b c'), { recursive: true });
  for (const name of ['z.PNG', 'a.jpeg', 'b c/ü.webp', 'notes.txt']) writeFileSync(join(photos, name), '');
  expect(await readRows(photos)).toEqual([{ image: 'a.jpeg' }, { image: 'b c/ü.webp' }, { image: 'z.PNG' }]);
  await writeKeptRows(openRows(photos), (row) => row > 0, join(folder, 'photos.txt'));
  expect(readFileSync(join(folder, 'photos.txt'), 'utf8')).toBe('b c/ü.webp\nz.PNG\n');
});

describe('files that cannot be rows', () => {
  test('missing, a folder without images, an unknown kind', () => {
    expect(() => openRows(join(folder, 'none.jsonl'))).toThrow(/no such file/);
    mkdirSync(join(folder, 'bare'));
    expect(() => openRows(join(folder, 'bare'))).toThrow(/bare is a folder without images/);
    expect(() => openRows(file('a.xlsx', 'x'))).toThrow(/unknown kind of file; name it .jsonl/);
  });

  test('gzip that is cut short, damaged or none', async () => {
    const packed = gzipSync('{"text":"a"}\n'.repeat(5000));
    await expect(read(file('cut.jsonl.gz', packed.subarray(0, packed.length - 20)), ['text'])).rejects.toThrow(
      /gzip data is cut short or damaged/,
    );
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 20, 60);
    await expect(read(file('bad.jsonl.gz', damaged), ['text'])).rejects.toThrow(/gzip data is cut short or damaged/);
    expect(() => openRows(file('not.jsonl.gz', 'hello'))).toThrow(/named .gz but not gzipped/);
    expect(() => openRows(file('a.npy', packed))).toThrow(/gzipped npy file cannot be read/);
  });

  test('mutated text never crashes the parsers', async () => {
    const good = Buffer.from('id,text\n1,"a ""b"""\n2,c\n');
    const goodJson = Buffer.from('{"id":1,"text":"ab"}\n{"id":2,"text":"c"}\n');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 22 }), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        for (const [name, source] of [
          ['m.csv', good],
          ['m.jsonl', goodJson],
        ] as const) {
          const bad = Buffer.from(source);
          bad[at] = byte;
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
});
