import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { openRows, readRows, writeKeptRows } from '@coreset/rows';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { differences, KeptFiles, runHere, some } from './made-tables.ts';

const folder = temporaryFolder();
/** For each file of the folder the one with the values that Python reads from it; null: it is looked at elsewhere. */
let files: Record<string, string | null>;

beforeAll(() => {
  files = runHere('arrow_files.py', folder) as Record<string, string | null>;
});

function at(name: string): string {
  return join(folder, name);
}

function written(name: string, content: Uint8Array | string): string {
  writeFileSync(at(name), content);
  return at(name);
}

describe('files and streams of pyarrow, pandas, polars and datasets', () => {
  test('the values of all columns are those that pyarrow reads', async () => {
    expect(await differences(folder, files)).toEqual([]);
  });

  test('kept rows equal table.take(kept): container, schema, metadata, values', async () => {
    const kept = new KeptFiles(folder);
    for (const name of Object.keys(files)) {
      await kept.keep(name, 'some', some(0.3));
      if (name.startsWith('random')) await kept.keep(name, 'most', some(0.9));
    }
    for (const name of [
      'pyarrow-file-lz4.arrow',
      'pyarrow-stream-zstd.arrow',
      'pandas-zstd.feather',
      'pyarrow-replaced.arrow',
    ]) {
      await kept.keep(name, 'all', () => true);
      await kept.keep(name, 'none', () => false);
      await kept.keep(name, 'first', (row) => row < 260);
    }
    expect(kept.compare('arrow_compare.py')).toEqual({});
  });

  test('what `datasets` has cached of map and filter beside its data is no shard', () => {
    const names = [
      'data-00000-of-00001.arrow',
      'cache-236658bee8dd5085.arrow',
      'cache-0a1b2c3d4e5f6789_00000_of_00002.arrow',
    ];
    mkdirSync(at('saved'));
    for (const name of [...names, 'cache-of-mine.arrow'])
      copyFileSync(at('pyarrow-file-None.arrow'), join(at('saved'), name));
    const parts = openRows(at('saved')).parts.map(({ name }) => name);
    expect(parts).toEqual(['cache-of-mine.arrow', names[0]]);
  });

  test('a kept file is packed as the input', async () => {
    for (const codec of ['lz4', 'zstd']) {
      await writeKeptRows(openRows(at(`pyarrow-file-${codec}.arrow`)), (row) => row !== 7, at('packed.arrow'));
      await writeKeptRows(openRows(at('pyarrow-file-None.arrow')), (row) => row !== 7, at('plain.arrow'));
      const [packed, plain] = ['packed.arrow', 'plain.arrow'].map((name) => readFileSync(at(name)).length);
      expect(packed).toBeLessThan(plain * 0.8);
    }
  });

  test('unions, runs and list views', async () => {
    const [first, second, third] = await readRows(at('pyarrow-rare.arrow'));
    expect(first).toMatchObject({ union: 0, sparse: 0, runs: 'a', text: 'row 0', words: ['w0'] });
    expect(second).toMatchObject({ union: 't0', sparse: 't1', id: '01010101-0101-0101-0101-010101010101' });
    expect(third.union).toBe(1);
    expect((await readRows(at('pyarrow-rare.arrow'), ['runs']))[200]).toEqual({ runs: null });
  });
});

describe('what cannot be read', () => {
  test('a column that is named twice, when it is asked for', async () => {
    expect(await openRows(at('pyarrow-same-name.arrow')).fields()).toEqual(['text', 'x', 'x']);
    expect((await readRows(at('pyarrow-same-name.arrow'), ['text'])).length).toBe(3);
    await expect(readRows(at('pyarrow-same-name.arrow'), ['x'])).rejects.toThrow(/names the column 'x' twice; rename/);
  });

  test('Feather version 1, other files, files cut short', async () => {
    const old = written('old.feather', 'FEA1 and more, then FEA1');
    await expect(readRows(old)).rejects.toThrow(
      /Feather version 1 cannot be read; read it with pandas and write it again/,
    );
    await expect(readRows(written('text.arrow', 'no Arrow file at all'))).rejects.toThrow(/cut short, damaged/);
    await expect(readRows(written('empty.arrow', ''))).rejects.toThrow(/cut short, damaged/);
    const whole = readFileSync(at('pyarrow-file-lz4.arrow'));
    await expect(readRows(written('cut.arrow', whole.subarray(0, 90_000)))).rejects.toThrow(/cut short, damaged/);
  });

  test('a text that is not UTF-8', async () => {
    const bytes = readFileSync(at('data-00000-of-00004.arrow'));
    bytes[bytes.indexOf('row 17')] = 0xff;
    await expect(readRows(written('latin.arrow', bytes), ['text'])).rejects.toThrow(/not valid UTF-8/);
  });

  test('damaged bytes never crash or hang the reader or the writer', async () => {
    for (const name of ['pyarrow-old.arrow', 'random-3.arrow', 'pyarrow-delta.arrow', 'polars-lz4.ipc']) {
      const bytes = readFileSync(at(name));
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), fc.nat(255), async (place, byte) => {
          const bad = Uint8Array.from(bytes);
          bad[place] = byte;
          const file = openRows(written('bad.arrow', bad));
          const nowhere = { write: (): void => undefined };
          for (const use of [() => readRows(file.path), () => file.writeKept((row) => row % 2 === 0, nowhere)]) {
            try {
              await use();
            } catch (error) {
              expect(CoresetError.isInstance(error), String((error as Error).stack)).toBe(true);
            }
          }
        }),
        { numRuns: 40 },
      );
    }
  });
});
