import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CoresetError, writeAtomic } from '@coreset/core';
import {
  openRows,
  readRows,
  requireWritableAs,
  requireWritableParquet,
  writeKeptParquet,
  writeKeptRows,
} from '@coreset/rows';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { type OutField, ThriftReader, type ThriftStruct, writeThrift } from '../src/parquet/thrift.ts';
import { differences, KeptFiles, runHere, some } from './made-tables.ts';

const folder = temporaryFolder();
const CASES = join(import.meta.dirname, 'cases');
/** For each file of the folder the one with the values that Python reads from it; null: it is looked at elsewhere. */
let files: Record<string, string | null>;

beforeAll(() => {
  files = runHere('parquet_files.py', folder) as Record<string, string | null>;
});

function at(name: string): string {
  return join(folder, name);
}

function written(name: string, bytes: Uint8Array): string {
  writeFileSync(at(name), bytes);
  return at(name);
}

const NOWHERE = { write: (): void => undefined };

describe('files of pyarrow, pandas, polars, DuckDB, datasets and fastparquet', () => {
  test('the values of all columns are those that pyarrow reads', async () => {
    expect(await differences(folder, files)).toEqual([]);
  });

  test('kept rows equal table.take(kept): schema, metadata, values, compression', async () => {
    const kept = new KeptFiles(folder);
    for (const name of Object.keys(files)) {
      if (name.startsWith('encrypted')) continue;
      await kept.keep(name, 'some', some(0.3));
      if (name.startsWith('random')) await kept.keep(name, 'most', some(0.9));
    }
    const whole = ['pyarrow-zstd-page-v2', 'pyarrow-many-groups', 'pandas', 'duckdb-zstd-v2', 'fastparquet-int96-gzip'];
    for (const name of whole) {
      await kept.keep(`${name}.parquet`, 'all', () => true);
      await kept.keep(`${name}.parquet`, 'none', () => false);
      await kept.keep(`${name}.parquet`, 'first', (row) => row < 310);
    }
    const shards = ['shard-0.parquet', 'shard-1.parquet', 'shard-2.parquet'];
    const parts = shards.map((name, i) => ({ path: at(name), keep: (row: number) => some(0.3)(i * 100 + row) }));
    await writeAtomic(at('shards.parquet'), (sink) => writeKeptParquet(parts, sink));
    kept.add(shards, 'shards.parquet', some(0.3), 300);
    expect(kept.compare('parquet_compare.py')).toEqual({});
  });

  test('filters and indexes are not pointed to where they are not copied', async () => {
    const filters = async (name: string): Promise<number> => {
      const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(at(name)));
      return row_groups.flatMap(({ columns }) => columns).filter(({ meta_data }) => meta_data?.bloom_filter_offset)
        .length;
    };
    expect(await filters('duckdb-zstd-v2.parquet')).toBeGreaterThan(0);
    expect(await filters('kept-all-duckdb-zstd-v2.parquet')).toBe(0);
  });

  test('small row groups are put together up to the size of one of the input', async () => {
    const groups = async (name: string): Promise<number[]> =>
      (await parquetMetadataAsync(await asyncBufferFromFile(at(name)))).row_groups.map((group) =>
        Number(group.num_rows),
      );
    const before = await groups('pyarrow-many-groups.parquet');
    const after = await groups('kept-some-pyarrow-many-groups.parquet');
    expect(before).toHaveLength(30);
    expect(after.length).toBeLessThan(11);
    expect(Math.min(...after.slice(0, -1))).toBeGreaterThanOrEqual(30);
  });
});

describe('inputs that failed', () => {
  const kept = new KeptFiles(CASES, folder);
  const columnOf = async (name: string, field: string): Promise<unknown[]> =>
    (await readRows(join(CASES, name), [field])).map((row) => row[field]);

  test('their values', async () => {
    const [image] = await columnOf('parquet-bytes-images.parquet', 'image');
    expect(image).toEqual({ bytes: expect.any(Uint8Array), path: '0.png' });
    const prices = ['1.23', '-0.01', null, '9999999999999999.99', '0.00', '-9999999999999999.98'];
    expect(await columnOf('parquet-decimal-price.parquet', 'a')).toEqual(prices);
    expect((await columnOf('parquet-decimal-price.parquet', 'b'))[3]).toBe('99999999999999999999999999999999.999999');
    expect((await columnOf('parquet-int96-when.parquet', 'when'))[1]).toBe('1969-12-31T23:59:59.999999999');
    expect((await columnOf('parquet-interval-iv.parquet', 'iv'))[0]).toEqual({ months: 0, days: 1, milliseconds: 0 });
    expect(await columnOf('parquet-large-dictionary-text.parquet', 'text')).toHaveLength(200);
    expect((await columnOf('parquet-map-int-keys.parquet', 'm')).slice(2)).toEqual([
      null,
      [{ key: 2, value: null }],
      [
        { key: 3, value: 'b' },
        { key: 1, value: 'c' },
      ],
      [{ key: 0, value: '' }],
    ]);
    const maps = (await columnOf('parquet-map-order.parquet', 'm')) as { key: string; value: string }[][];
    expect(maps[0].map(({ key, value }) => key + value)).toEqual(['10a', '2b', '1c', '1d']);
    expect(maps[5]).toEqual([{ key: '__proto__', value: 'x' }]);
    expect((await columnOf('parquet-small-integers-label-int16.parquet', 'label')).slice(0, 2)).toEqual([0, -1]);
    expect(await columnOf('parquet-unused-categories-filtered.parquet', 'cat')).toEqual(['b', 'd', 'f']);
  });

  test('a name that is there twice is refused only when it is asked for', async () => {
    const path = join(CASES, 'parquet-same-name-twice-dup.parquet');
    expect(await openRows(path).fields()).toEqual(['text', 'x', 'x']);
    await expect(readRows(path, ['x'])).rejects.toThrow(/dup.parquet: names the column 'x' twice; rename one of them/);
    expect((await readRows(path, ['text']))[2]).toEqual({ text: expect.any(String) });
  });

  test('their kept rows equal table.take(kept)', async () => {
    for (const name of readdirSync(CASES).filter((each) => each.startsWith('parquet-')))
      await kept.keep(name, 'case', (row) => row % 2 === 0);
    expect(kept.compare('parquet_compare.py')).toEqual({});
  });
});

/** A file whose column chunks say other things about themselves. */
function withChunks(bytes: Buffer, edit: (fields: OutField[]) => OutField[]): Buffer {
  const end = bytes.length - 8;
  const start = end - bytes.readUInt32LE(end);
  const copied = (struct: ThriftStruct): OutField[] =>
    [...struct.fields].map(([id, { type, value, raw }]) => [id, type, typeof value === 'boolean' ? value : { raw }]);
  const replaced = (fields: OutField[], id: number, value: OutField[2]): OutField[] =>
    fields.map((field) => (field[0] === id ? [id, field[1], value] : field));
  const structs = (elements: OutField[][]): OutField[2] => ({ elementType: 12, elements });
  const metadata = new ThriftReader(bytes.subarray(start, end)).struct();
  const groups = metadata.structs(4).map((group) => {
    const columns = group
      .structs(1)
      .map((column) => replaced(copied(column), 3, edit(copied(column.struct(3) as ThriftStruct))));
    return replaced(copied(group), 1, structs(columns));
  });
  const footer = writeThrift(replaced(copied(metadata), 4, structs(groups)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([bytes.subarray(0, start), footer, length, Buffer.from('PAR1')]);
}

describe('footers as some writers make them', () => {
  test.each([
    [
      'an offset of the dictionary of 0',
      (fields: OutField[]) => fields.map((field): OutField => (field[0] === 11 ? [11, 6, 0] : field)),
    ],
    ['no offset of the dictionary', (fields: OutField[]) => fields.filter(([id]) => id !== 11)],
  ])('%s: the pages begin with the dictionary all the same', async (_, without) => {
    const dictionaryFirst = (fields: OutField[]): OutField[] => {
      const dictionary = fields.find(([id]) => id === 11);
      return without(fields.map((field): OutField => (field[0] === 9 && dictionary ? [9, 6, dictionary[2]] : field)));
    };
    const path = written(
      'offset.parquet',
      withChunks(readFileSync(at('pyarrow-large-dictionary.parquet')), dictionaryFirst),
    );
    expect(await readRows(path)).toEqual(await readRows(at('pyarrow-large-dictionary.parquet')));
    await writeKeptRows(openRows(path), () => true, at('offset-kept.parquet'));
    expect((await readRows(at('offset-kept.parquet'))).length).toBe(6000);
  });
});

describe('what is refused', () => {
  test('encrypted files', async () => {
    for (const name of ['encrypted.parquet', 'encrypted-column.parquet']) {
      const says = new RegExp(
        `${name}: the Parquet file is encrypted, which cannot be read; write it without encryption`,
      );
      await expect(readRows(at(name))).rejects.toThrow(says);
      await expect(requireWritableParquet(at(name))).rejects.toThrow(says);
    }
  });

  test('a codec or an encoding that is not known, before the writing begins', async () => {
    const bytes = readFileSync(at('pyarrow-required.parquet'));
    const packed = written(
      'lzo.parquet',
      withChunks(bytes, (fields) => fields.map((f): OutField => (f[0] === 4 ? [4, 5, 3] : f))),
    );
    await expect(requireWritableParquet(packed)).rejects.toThrow(
      /lzo.parquet: the column 'text' is packed with LZO.*write the file with zstd or snappy/,
    );
    const alien = { elementType: 5, elements: [77] };
    const encoded = written(
      'encoding.parquet',
      withChunks(bytes, (fields) => fields.map((f): OutField => (f[0] === 2 ? [2, 9, alien] : f))),
    );
    await expect(requireWritableParquet(encoded)).rejects.toThrow(/the column 'text' has the encoding number 77/);
    await expect(openRows(packed).writeKept(() => true, NOWHERE)).rejects.toThrow(/LZO/);
    await requireWritableParquet(at('pyarrow-required.parquet'));
  });

  test('files with other columns', async () => {
    const parts = ['shard-0.parquet', 'other-columns.parquet'].map((name) => ({ path: at(name), keep: () => true }));
    await expect(writeKeptParquet(parts, NOWHERE)).rejects.toThrow(
      /shard-0.parquet and .*other-columns.parquet have different columns, first 'more'; give files/,
    );
    const paths = parts.map(({ path }) => path);
    await expect(requireWritableAs(openRows(paths), at('kept.parquet'))).rejects.toThrow(/have different columns/);
    await expect(writeKeptParquet([], NOWHERE)).rejects.toThrow(/no Parquet file is given/);
  });

  test('a text that is not UTF-8; other columns are not decoded', async () => {
    const bytes = readFileSync(at('pyarrow-none-page-v1.parquet'));
    for (let place = bytes.indexOf('row 17'); place >= 0; place = bytes.indexOf('row 17', place + 1))
      bytes[place] = 0xff;
    const path = written('latin.parquet', bytes);
    await expect(readRows(path, ['text'])).rejects.toThrow(/latin.parquet.*not valid UTF-8/);
    expect((await readRows(path, ['int8', 'struct'])).length).toBe(600);
  });

  test('other files and files cut short', async () => {
    const whole = readFileSync(at('pyarrow-plain.parquet'));
    await expect(readRows(written('text.parquet', Buffer.from('this is no Parquet file')))).rejects.toThrow(
      /cut short, damaged/,
    );
    await expect(readRows(written('empty.parquet', Buffer.alloc(0)))).rejects.toThrow(/cut short, damaged/);
    await expect(readRows(written('cut.parquet', whole.subarray(0, 9000)))).rejects.toThrow(/cut short, damaged/);
    const otherEnd = Buffer.from(whole);
    otherEnd.write('PAR2', whole.length - 4);
    await expect(readRows(written('end.parquet', otherEnd))).rejects.toThrow(/end.parquet.*does not end in PAR1/);
  });

  test('damaged bytes never crash or hang the reader or the writer', async () => {
    for (const name of ['random-3', 'random-8', 'pyarrow-delta-v2', 'duckdb-zstd-v1', 'pyarrow-many-categories']) {
      const bytes = readFileSync(at(`${name}.parquet`));
      const place = fc.oneof(
        fc.nat(bytes.length - 1),
        fc.nat(2000).map((back) => Math.max(0, bytes.length - 1 - back)),
      );
      await fc.assert(
        fc.asyncProperty(place, fc.nat(255), async (where, byte) => {
          const bad = Uint8Array.from(bytes);
          bad[where] = byte;
          const file = openRows(written('bad.parquet', bad));
          for (const use of [() => readRows(file.path), () => file.writeKept((row) => row % 2 === 0, NOWHERE)]) {
            try {
              await use();
            } catch (error) {
              expect(CoresetError.isInstance(error), String((error as Error).stack)).toBe(true);
            }
          }
        }),
        { numRuns: 60 },
      );
    }
  });
});

describe('a file at an address', () => {
  let server: Server;
  let address: string;
  let served = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, how, name] = new URL(request.url ?? '', 'http://x').pathname.split('/');
      const bytes = name === 'missing.parquet' ? undefined : readFileSync(at(name));
      const [from, to] = (request.headers.range ?? '').replace('bytes=', '').split('-').map(Number);
      if (bytes === undefined) response.writeHead(404, 'Not Found').end();
      else if (how === 'whole' || (how === 'changed' && request.headers['if-range']))
        response.writeHead(200, { etag: '"b"' }).end(bytes);
      else {
        const part = bytes.subarray(from, to + 1);
        served += part.length;
        response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}`, etag: '"a"' }).end(part);
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
  });

  test('only the bytes needed are fetched', async () => {
    const name = 'pyarrow-large-dictionary.parquet';
    const size = readFileSync(at(name)).length;
    const file = openRows(`${address}/parts/${name}?download=true`);
    expect(file.format).toBe('parquet');
    expect(await file.fields()).toEqual(['text', 'label']);
    const footer = served;
    expect(footer).toBeLessThan(70_000);
    const labels = [];
    for await (const { label } of file.read(['label'])) labels.push(label);
    expect(labels.slice(0, 4)).toEqual([0, 1, 2, 0]);
    expect(served - footer).toBeLessThan(5000);
    expect(size).toBeGreaterThan(150_000);
  });

  test('kept rows are those of the local file', async () => {
    const name = 'pyarrow-zstd-page-v1.parquet';
    await writeKeptRows(openRows(`${address}/parts/${name}`), some(0.3), at('remote.parquet'));
    expect(readFileSync(at('remote.parquet'))).toEqual(readFileSync(at(`kept-some-${name}`)));
    await requireWritableParquet(`${address}/parts/${name}`);
  });

  test.each([
    ['whole/pandas.parquet', /its server does not send parts of a file; download it and give the local file/],
    ['parts/missing.parquet', /the server says 404 Not Found; check the address/],
    ['changed/pandas.parquet', /was changed while it was read; run the same command again/],
  ])('%s is refused', async (path, message) => {
    await expect(openRows(`${address}/${path}`).fields()).rejects.toThrow(message);
  });

  test('no server, another kind of file', async () => {
    await expect(openRows('http://127.0.0.1:9/x.parquet').fields()).rejects.toThrow(
      /cannot read http:.*check the address and the connection/,
    );
    expect(() => openRows('https://example.org/x.jsonl')).toThrow(
      /of the files on the web only Parquet is read in place; download it/,
    );
  });
});
