import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readNpy } from '@coreset/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const rows = corpusRows(40).map((row, n) => ({ ...row, n }));
const lines = rows.map((row) => `${JSON.stringify(row)}\n`);

const run = (...args: string[]): ReturnType<typeof coreset> => coreset(args, { cwd: folder });
const prune = (...args: string[]): ReturnType<typeof coreset> => run('prune', 'rows.jsonl', '--keep', '10', ...args);
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
let kept: number[];

beforeAll(() => {
  writeFileSync(join(folder, 'rows.jsonl'), lines.join(''));
  expect(prune().status).toBe(0);
  kept = JSON.parse(text('rows.coreset/selection.json')).kept;
});

describe('--out', () => {
  test('- is standard output, with the summary elsewhere', () => {
    const { status, stdout, stderr } = prune('--out', '-');
    expect(status).toBe(0);
    expect(stdout).toBe(kept.map((row) => lines[row]).join(''));
    expect(stderr).toMatch(/kept +10 of 40 rows \(25 %\): standard output\n/);
    expect(existsSync(join(folder, '-'))).toBe(false);
    const both = prune('--out', '-', '--json');
    expect(both.status).toBe(2);
    expect(both.stderr).toMatch(/--json and --out - both write to standard output/);
  });

  test('writes the format of its extension, which the tools that use it read', () => {
    for (const extension of ['json', 'csv', 'tsv', 'parquet', 'arrow', 'jsonl.gz'])
      expect(prune('--out', `kept.${extension}`), extension).toMatchObject({ status: 0 });
    expect(gunzipSync(readFileSync(join(folder, 'kept.jsonl.gz'))).toString()).toBe(
      kept.map((row) => lines[row]).join(''),
    );
    const program = `
import json, pandas as pd, pyarrow.feather as feather
frames = [pd.read_json('kept.json'), pd.read_csv('kept.csv'), pd.read_csv('kept.tsv', sep='\\t'), pd.read_parquet('kept.parquet'), feather.read_table('kept.arrow').to_pandas()]
print(json.dumps([json.loads(f.to_json(orient='records')) for f in frames]))`;
    const expected = kept.map((row) => rows[row]);
    for (const read of JSON.parse(python(program, [], folder))) expect(read).toEqual(expected);
  });

  test('in the run directory never takes the place of what a stage leaves there', () => {
    for (const name of ['selection.json', 'dropped.jsonl', 'manifest.json', 'embeddings.npy']) {
      const { status, stderr } = prune(
        '--out',
        `rows.coreset/${name}`,
        ...(name.endsWith('.npy') ? ['--emit', 'mask'] : []),
      );
      expect(stderr, name).toContain(
        `--out rows.coreset/${name}: the run itself leaves a file of this name there; name another`,
      );
      expect(status).toBe(2);
    }
  });

  test('where the name of the input says nothing, the kept file has the extension of its format', () => {
    writeFileSync(join(folder, 'rows.dat'), lines.join(''));
    const { status, stdout, stderr } = run('prune', 'rows.dat', '--keep', '10', '--json', '--run-dir', 'dat');
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout).files.kept).toBe(join('dat', 'kept.jsonl'));
  });

  test('of a text file has what was embedded, a line a row', () => {
    writeFileSync(join(folder, 'r.csv'), 'id,review,stars\n1,good one,5\n2,bad one,1\n3,so so,3\n');
    const { status, stderr } = run('prune', 'r.csv', '--text', 'review', '--keep', '100%', '--out', 'r.txt');
    expect(status, stderr).toBe(0);
    expect(text('r.txt')).toBe('good one\nbad one\nso so\n');
    writeFileSync(join(folder, 'poems.jsonl'), '{"text":"one line"}\n{"text":"two\\nlines"}\n');
    const poems = run('prune', 'poems.jsonl', '--keep', '1', '--out', 'poems.txt');
    expect(poems.stderr).toMatch(
      /^coreset: poems.txt: poems.jsonl: row 1 has line breaks in its text.*name it .jsonl\n$/,
    );
    expect(existsSync(join(folder, 'poems.coreset'))).toBe(false);
  });

  test('keeps the container that an Arrow extension promises, or is refused', () => {
    python(
      "import pyarrow as pa; t = pa.table({'text': ['a', 'b', 'c']}); pa.ipc.new_stream('s.arrow', t.schema).write_table(t)",
      [],
      folder,
    );
    expect(run('prune', 's.arrow', '--keep', '2', '--out', 'k.feather').stderr).toMatch(
      /k.feather: the kept rows are an Arrow stream, and .feather says a file; name it .arrow/,
    );
    expect(prune('--out', 'k.arrows').stderr).toMatch(/k.arrows: the kept rows are an Arrow file/);
    expect(run('prune', 's.arrow', '--keep', '2', '--out', 'k.arrows').status).toBe(0);
    expect(prune('--out', 'k.feather').status).toBe(0);
    expect(
      python(
        "import pyarrow as pa, pyarrow.feather as f; print(pa.ipc.open_stream('k.arrows').read_all().num_rows, f.read_table('k.feather').num_rows)",
        [],
        folder,
      ),
    ).toBe('2 10\n');
  });

  test('of no known kind is refused before the work', () => {
    const { status, stderr } = prune('--out', 'kept.xlsx');
    expect(status).toBe(2);
    expect(stderr).toMatch(/kept.xlsx: unknown kind of file; name it .jsonl,/);
  });
});

describe('--emit', () => {
  test('ids, one a line or as JSON', () => {
    const ids = kept.map((row) => rows[row].id);
    expect(prune('--emit', 'ids').status).toBe(0);
    expect(text('rows.coreset/ids.txt')).toBe(ids.map((id) => `${id}\n`).join(''));
    prune('--emit', 'ids', '--out', 'ids.json');
    expect(JSON.parse(text('ids.json'))).toEqual(ids);
    prune('--emit', 'ids', '--id', 'n', '--out', 'ids.jsonl');
    expect(text('ids.jsonl')).toBe(kept.map((row) => `${row}\n`).join(''));
    expect(prune('--emit', 'ids', '--out', '-').stdout).toBe(ids.map((id) => `${id}\n`).join(''));
  });

  test('a mask, which NumPy reads as booleans', () => {
    const expected = rows.map((_, row) => (kept.includes(row) ? 1 : 0));
    expect(prune('--emit', 'mask').status).toBe(0);
    const mask = readNpy(join(folder, 'rows.coreset/mask.npy'));
    expect(Array.from(mask.data as Uint8Array)).toEqual(expected);
    expect(python("import numpy; print(numpy.load('rows.coreset/mask.npy').dtype)", [], folder)).toBe('bool\n');
    prune('--emit', 'mask', '--out', 'mask.txt');
    expect(text('mask.txt')).toBe(expected.map((mark) => `${mark}\n`).join(''));
    prune('--emit', 'mask', '--out', 'mask.json');
    expect(JSON.parse(text('mask.json'))).toEqual(expected.map((mark) => mark === 1));
  });

  test('in a file of another kind is refused', () => {
    const { status, stderr } = prune('--emit', 'mask', '--out', 'mask.csv');
    expect(status).toBe(2);
    expect(stderr).toMatch(/masks are written as .npy, .txt, .json/);
  });
});
