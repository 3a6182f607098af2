import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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
    expect(() => openRows(join(folder, 'bare'))).toThrow(/bare is a folder with neither images nor files of rows/);
    expect(() => openRows(file('a.xlsx', 'x'))).toThrow(/unknown kind of file; name it .jsonl/);
  });
});

test('rows are read by a list of fields, and other ways are told', () => {
  const path = join(folder, 'fields.jsonl');
  writeFileSync(path, '{"text":"a"}\n');
  expect(() => openRows(path).read('text' as never)).toThrow(
    /read takes a list of fields, such as \['text'\], got string/,
  );
  expect(() => openRows(path).read(undefined as never)).toThrow(/got nothing/);
});

test('the splits of a data set in one folder are read together, and that is said', () => {
  const path = join(folder, 'splits');
  mkdirSync(join(path, 'test'), { recursive: true });
  for (const name of ['train-00000.jsonl', 'train-00001.jsonl', 'test/data.jsonl', 'trainer.jsonl'])
    writeFileSync(join(path, name), '{"text":"a"}\n');
  const notices: string[] = [];
  expect(openRows(path, { onNotice: (notice) => notices.push(notice) }).parts).toHaveLength(4);
  expect(notices).toEqual([expect.stringMatching(/holds the splits test, train, which are read as one corpus/)]);
});

test('a folder of images stays one whatever else it holds, and that is said', () => {
  const path = join(folder, 'kaggle');
  mkdirSync(path);
  for (const name of ['a.png', 'README.txt', 'metadata.jsonl', 'labels.csv']) writeFileSync(join(path, name), 'x');
  const notices: string[] = [];
  expect(openRows(path, { onNotice: (notice) => notices.push(notice) }).format).toBe('folder');
  expect(notices).toEqual([expect.stringMatching(/read as a folder of images; labels.csv in it is not read/)]);
});

test('a pattern gives paths as it is written: full, or from the working directory', () => {
  const path = join(folder, 'pattern');
  mkdirSync(path);
  writeFileSync(join(path, 'a.jsonl'), '{"text":"a"}\n');
  const paths = (pattern: string): string[] => openRows([pattern]).parts.map((part) => part.path);
  expect(paths(join(path, '*.jsonl'))).toEqual([join(path, 'a.jsonl')]);
  const near = mkdtempSync(join(process.cwd(), 'pattern-'));
  try {
    writeFileSync(join(near, 'b.jsonl'), '{"text":"b"}\n');
    expect(paths(join(near, '*.jsonl'))).toEqual([join(near, 'b.jsonl')]);
    expect(paths(`${basename(near)}/*.jsonl`)).toEqual([join(basename(near), 'b.jsonl')]);
  } finally {
    rmSync(near, { recursive: true });
  }
});
