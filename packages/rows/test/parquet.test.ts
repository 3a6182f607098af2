import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '@coreset/core';
import { openRows, type Row, readRows, requireWritableParquet, writeKeptParquet } from '@coreset/rows';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { KeptFiles, notedColumns, readColumns, runHere } from './made-tables.ts';

const folder = temporaryFolder();
const CASES = join(import.meta.dirname, 'cases');
/** For each file of the folder the one with the values that Python reads from it; null: it is looked at elsewhere. */
let files: Record<string, string | null>;

beforeAll(() => {
  files = runHere('parquet_files.py', folder) as Record<string, string | null>;
});

async function rowCount(path: string): Promise<number> {
  return (await readRows(path, [])).length;
}

/** Keeps about `share` of the rows, always the same ones. */
function some(share: number): (row: number) => boolean {
  return (row) => (Math.imul(row + 1, 2_654_435_761) >>> 8) % 1000 < share * 1000;
}

describe('files of pyarrow, pandas, polars, DuckDB, datasets and fastparquet', () => {
  test('the values of all columns are those that pyarrow reads', async () => {
    const wrong: string[] = [];
    for (const [name, noted] of Object.entries(files)) {
      if (noted === null) continue;
      const columns = notedColumns(join(folder, noted));
      const read = await readColumns(join(folder, name), Object.keys(columns));
      for (const [column, values] of Object.entries(columns)) {
        try {
          expect(read[column]).toEqual(values);
        } catch (error) {
          wrong.push(`${name}, ${column}: ${(error as Error).message.slice(0, 600)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('kept rows equal table.take(kept): schema, metadata, values, compression', async () => {
    const kept = new KeptFiles(folder);
    for (const name of Object.keys(files)) {
      if (name.startsWith('encrypted')) continue;
      const rows = await rowCount(join(folder, name));
      const shares = name.startsWith('random') ? [0.9, 0.3] : [0.3];
      for (const share of shares) await kept.keep(name, `${share}`, some(share), rows);
    }
    for (const name of [
      'pyarrow-zstd-page-v2.parquet',
      'pyarrow-many-groups.parquet',
      'pandas.parquet',
      'duckdb-zstd-v2.parquet',
    ]) {
      const rows = await rowCount(join(folder, name));
      await kept.keep(name, 'all', () => true, rows);
      await kept.keep(name, 'none', () => false, rows);
      await kept.keep(name, 'first', (row) => row < rows / 2 + 10, rows);
      await kept.keep(name, 'last', (row) => row === rows - 1, rows);
    }
    expect(kept.compare('parquet_compare.py')).toEqual({});
  });
});
