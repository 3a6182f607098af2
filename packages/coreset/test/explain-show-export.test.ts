import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy, writeNpy } from '@coreset/core';
import { readRows } from '@coreset/rows';
import { explainRows, exportRun, openResults, type PruneOptions, prune, type Results } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { python } from '../../../test/python.ts';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';
import { coloursOf } from '../dist/cli/colours.js';
import { explanationText } from '../dist/cli/explanation-text.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const jsonl = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const ROWS = 60;
const vectors = clusteredMatrix(ROWS, 6);
/** Row 40 repeats row 3; row 7 has no vector. The ids of rows 50 and up are numbers of other rows. */
const rows = Array.from({ length: ROWS }, (_, i) => ({
  id: i < 50 ? `r${i}` : String(i - 50),
  text: `text ${i}\u001b[31m of\nlines ${'and more '.repeat(i)}`,
  x: i,
  vector: i === 7 ? null : Array.from(vectors.data.subarray(6 * (i === 40 ? 3 : i), 6 * (i === 40 ? 3 : i) + 6)),
}));
const options = { keep: 15, threads: 1, vector: 'vector', onBadRow: 'skip', k: 6 } satisfies PruneOptions;
const run = (...args: string[]): ReturnType<typeof coreset> => coreset(args, { cwd: folder, env: { ...process.env } });

let results: Results;

beforeAll(async () => {
  writeFileSync(at('rows.jsonl'), jsonl(rows));
  await prune(at('rows.jsonl'), { ...options, runDir: at('rows.coreset') });
  results = await openResults(at('rows.coreset'));
});

describe('coreset explain', () => {
  test('tells of a dropped row the reason, what stands for it and its neighbours', async () => {
    const row = results.reason.findIndex((reason, i) => reason !== 255 && results.by[i] >= 0 && i !== 40 && i !== 3);
    const { rows: explained, notes } = await explainRows(results, [row]);
    const [one] = explained;
    expect(notes).toEqual([]);
    expect(one).toMatchObject({ row, id: rows[row].id, kept: false });
    expect(one.reason).toMatch(/^(near-duplicate|redundant|outranked)$/);
    expect(one.meaning?.length).toBeGreaterThan(20);
    expect(one.by).toMatchObject({ row: results.by[row], kept: true, similarity: results.similarity[row] });
    expect(one.by?.id).toBe(rows[results.by[row]].id);
    expect(one.rank).toBeUndefined();
    const { neighbours, cosines } = await results.neighboursOf([row], 5);
    expect(one.neighbours.map((other) => other.row)).toEqual(Array.from(neighbours));
    expect(one.neighbours.map((other) => other.similarity)).toEqual(Array.from(cosines));
    for (const other of one.neighbours) expect(other.kept).toBe(results.reason[other.row] === 255);
  });

  test('of a kept row its rank, worth and the most similar rows for which it stands', async () => {
    const pick = results.picks.reduce((most, row) => (results.weight[row] > results.weight[most] ? row : most));
    const [one] = (await explainRows(results, [pick])).rows;
    const all = rows.map((_, row) => row).filter((row) => results.by[row] === pick);
    all.sort((a, b) => results.similarity[b] - results.similarity[a] || a - b);
    expect(one).toMatchObject({ kept: true, rank: results.rank[pick], gain: results.gain[pick] });
    expect(one.weight).toBe(all.length + 1);
    expect(one.standsFor?.map(({ row }) => row)).toEqual(all.slice(0, 5));
    const easier = results.difficulty.filter((value) => value < results.difficulty[pick]).length;
    expect(one.difficulty).toEqual({ value: results.difficulty[pick], percentile: (100 * easier) / 59 });
    expect(one.reason).toBeUndefined();
  });

  test('of a duplicate the row that it repeats, and of a row without a vector the reason alone', async () => {
    const [one, none] = (await explainRows(results, [results.rank[40] > 0 ? 3 : 40, 7])).rows;
    expect(one.reason).toBe('duplicate');
    expect([3, 40]).toContain(one.duplicateOf?.row);
    expect(none).toMatchObject({ row: 7, reason: 'nothing to embed', neighbours: [] });
    expect(none.difficulty).toBeUndefined();
  });

  test('in lines that the terminal holds, without its escapes', async () => {
    const plain = coloursOf({ isTTY: false } as never);
    for (const one of (await explainRows(results, [45, results.picks[0], 7])).rows) {
      const lines = explanationText(one, 70, plain);
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines) {
        expect(line).not.toMatch(/\p{Cc}/u);
        if (!/^(dropped|kept)/.test(line)) expect(line.length).toBeLessThanOrEqual(70);
      }
    }
  });

  test('takes names for ids first, and the run directory by its input', () => {
    const both = run('explain', 'rows.jsonl', '5', 'r3', '12');
    expect(both.status, both.stderr).toBe(0);
    expect(both.stdout.match(/^row \d+ · .*$/gm)).toEqual(['row 55 · 5', 'row 3 · r3', 'row 12 · r12']);
    const numbers = JSON.parse(run('explain', 'rows.coreset', '5', '--row', '--json').stdout);
    expect(numbers).toMatchObject({ rows: [{ row: 5, id: 'r5' }], notes: [] });
    expect(run('explain', 'rows.coreset', '12', '--id')).toMatchObject({
      status: 2,
      stderr: "coreset: rows.coreset has no row with the id '12' (field 'id')\n",
    });
    expect(run('explain', 'rows.coreset', 'r99').stderr).toBe(
      "coreset: rows.coreset has no row with the id 'r99' (field 'id'), and its rows go from 0 to 59\n",
    );
    expect(run('explain', 'rows.coreset', '60', '--row').stderr).toBe(
      'coreset: rows.coreset has no row 60; its rows go from 0 to 59\n',
    );
    expect(run('explain', 'elsewhere', '1').stderr).toMatch(/^coreset: elsewhere is not there; name the run directory/);
    writeFileSync(at('other.jsonl'), '{"text":"one"}\n');
    expect(run('explain', 'other.jsonl', '1')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^coreset: other\.jsonl is no run directory, and other\.coreset, .* or run coreset/,
      ),
    });
  });

  test('without the input has ids alone, and says so', () => {
    renameSync(at('rows.jsonl'), at('aside.jsonl'));
    const { stdout, stderr, status } = run('explain', 'rows.coreset', 'r3');
    renameSync(at('aside.jsonl'), at('rows.jsonl'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/^note: .*rows\.jsonl is not there any more, so that its rows cannot be shown\n$/);
    expect(stdout).toMatch(/^row 3 · r3\n(dropped|kept) /);
  });
});

describe('coreset show', () => {
  test('prints where the page is, and opens it on a desktop', () => {
    const path = at('rows.coreset/report.html');
    expect(run('show', 'rows.jsonl', '--print')).toMatchObject({ status: 0, stdout: `${path}\n`, stderr: '' });
    mkdirSync(at('bin'), { recursive: true });
    const opened = at('opened');
    for (const name of ['xdg-open', 'open']) {
      writeFileSync(at(`bin/${name}`), `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`);
      chmodSync(at(`bin/${name}`), 0o755);
    }
    const env = { ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, DISPLAY: ':7', WAYLAND_DISPLAY: '' };
    const show = (more: NodeJS.ProcessEnv, ...args: string[]): ReturnType<typeof coreset> =>
      coreset(['show', 'rows.coreset', ...args], { cwd: folder, env: { ...env, ...more } });
    expect(show({}, '--print').status).toBe(0);
    if (process.platform === 'linux') expect(show({ DISPLAY: '' })).toMatchObject({ status: 0, stdout: `${path}\n` });
    expect(existsSync(opened)).toBe(false);
    expect(show({})).toMatchObject({ status: 0, stdout: `${path}\n`, stderr: '' });
    const end = Date.now() + 5000;
    while (!existsSync(opened) && Date.now() < end) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    expect(readFileSync(opened, 'utf8')).toBe(path);
    expect(show({ PATH: at('nothing') })).toMatchObject({ status: 0, stdout: `${path}\n` });
  });

  test('says where there is none', () => {
    renameSync(at('rows.coreset/report.html'), at('aside.html'));
    const { status, stderr } = run('show', 'rows.coreset');
    renameSync(at('aside.html'), at('rows.coreset/report.html'));
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'coreset: rows.coreset has no report.html; run the command that made it again, to its end\n',
    });
  });
});

describe('coreset export', () => {
  test('writes a file that pandas reads, as embedding-atlas wants it', () => {
    const { status, stdout, stderr } = run(
      'export',
      'rows.coreset',
      '--format',
      'embedding-atlas',
      '--out',
      'a.parquet',
    );
    expect(status, stderr).toBe(0);
    expect(stderr).toBe('note: the input has x already: what is added is coreset_x\n');
    expect(stdout).toBe('60 rows: a.parquet\nembedding-atlas a.parquet --x coreset_x --y y --neighbors neighbors\n');
    const found = JSON.parse(
      python(
        `import json, sys, pandas as pd
d = pd.read_parquet(sys.argv[1])
print(json.dumps({
  'columns': list(d.columns), 'id': list(d['id']), 'x': list(d['x']), 'kept': [bool(k) for k in d['kept']],
  'map': [[x, y] for x, y in zip(d['coreset_x'].astype(object).where(d['coreset_x'].notna(), None), d['y'].astype(object).where(d['y'].notna(), None))],
  'ids': [[int(i) for i in n['ids']] for n in d['neighbors']], 'distances': [[float(i) for i in n['distances']] for n in d['neighbors']],
  'reason': [r if isinstance(r, str) else None for r in d['reason']],
  'rank': [None if pd.isna(r) else int(r) for r in d['rank']], 'weight': [None if pd.isna(r) else int(r) for r in d['weight']],
  'by': [None if pd.isna(r) else int(r) for r in d['by']],
}))`,
        [at('a.parquet')],
      ),
    );
    expect(found.columns).toEqual(
      'id text x vector coreset_x y neighbors difficulty kept rank weight reason by similarity'.split(' '),
    );
    expect(found.id).toEqual(rows.map(({ id }) => id));
    expect(found.x).toEqual(rows.map(({ x }) => x));
    expect(found.kept).toEqual(Array.from(results.reason, (reason) => reason === 255));
    expect(found.rank).toEqual(Array.from(results.rank, (rank) => rank || null));
    expect(found.weight).toEqual(Array.from(results.weight, (weight) => weight || null));
    expect(found.by).toEqual(Array.from(results.by, (by) => (by < 0 ? null : by)));
    expect(found.reason[7]).toBe('nothing to embed');
    const map = results.map() as Float32Array;
    const places = rows.map((_, row) => {
      const v = results.vectorRowOf[row];
      return v < 0 ? [null, null] : Array.from(map.subarray(2 * v, 2 * v + 2));
    });
    expect(found.map).toEqual(places);
    const distances = readNpy(at('rows.coreset/distances.npy')).data as Float32Array;
    const { neighbours } = results.graph();
    for (const row of rows.keys()) {
      const v = results.vectorRowOf[row];
      if (v < 0) {
        expect(found.ids[row]).toEqual(Array(7).fill(row));
        continue;
      }
      const listed = Array.from(neighbours.subarray(6 * v, 6 * v + 6), (one) => results.inputRowOf[one]);
      expect(found.ids[row]).toEqual([row, ...listed]);
      expect(found.distances[row]).toEqual([0, ...distances.subarray(6 * v, 6 * v + 6)]);
    }
  });

  test('parquet has neighbours without the row itself, and csv has them as JSON', async () => {
    await exportRun(results, 'parquet', at('b.parquet'));
    const [first] = await readRows(at('b.parquet'), ['neighbors']);
    expect((first.neighbors as { ids: number[] }).ids.map(Number)).toHaveLength(6);
    expect((await readRows(at('b.parquet'), ['neighbors']))[7].neighbors).toBeNull();
    await exportRun(results, 'csv', at('c.csv'));
    const lines = await readRows(at('c.csv'), ['id', 'neighbors', 'kept', 'coreset_x']);
    expect(lines.map(({ id }) => String(id))).toEqual(rows.map(({ id }) => id));
    expect(JSON.parse(String(lines[0].neighbors)).ids).toEqual((first.neighbors as { ids: number[] }).ids.map(Number));
    expect(String(lines[7].coreset_x ?? '')).toBe('');
  });

  test('of vectors alone it has their numbers', async () => {
    await writeNpy(at('vectors.npy'), vectors.data, [ROWS, 6]);
    await prune(at('vectors.npy'), { keep: 10, threads: 1, map: 'none', runDir: at('vectors.coreset') });
    const alone = await openResults(at('vectors.coreset'));
    expect(await exportRun(alone, 'parquet', at('v.parquet'))).toMatchObject({ rows: ROWS, columns: { x: 'x' } });
    const found = await readRows(at('v.parquet'), ['row', 'x', 'kept']);
    expect(found.map(({ row }) => Number(row))).toEqual(rows.map((_, row) => row));
    expect(found.every(({ x }) => x === null)).toBe(true);
    expect(found.filter(({ kept }) => kept)).toHaveLength(10);
  });

  test.each([
    ['into the input', ['--out', 'rows.jsonl'], /--out rows\.jsonl is the input itself/],
    ['over a file of the run', ['--out', 'rows.coreset/map.npy'], /map\.npy/],
  ])('%s it is refused', (_, args, message) => {
    const before = readFileSync(at('rows.coreset/map.npy'));
    const { status, stderr } = run('export', 'rows.coreset', '--format', 'csv', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('note: ')),
    ).toHaveLength(1);
    expect(readFileSync(at('rows.coreset/map.npy')).equals(before)).toBe(true);
    expect(readFileSync(at('rows.jsonl'), 'utf8')).toBe(jsonl(rows));
  });

  test('a name that comes late, or is taken twice, is refused', async () => {
    const late = Array.from({ length: 1100 }, (_, i) => ({
      vector: [1 + (i % 7), i],
      ...(i === 1050 && { weight: 2 }),
    }));
    writeFileSync(at('late.jsonl'), jsonl(late));
    await prune(at('late.jsonl'), { keep: 10, threads: 1, vector: 'vector', map: 'pca', runDir: at('late.coreset') });
    await expect(exportRun(await openResults(at('late.coreset')), 'csv', at('late.csv'))).rejects.toThrow(
      /row 1050 has the field 'weight', which rows before it have not/,
    );
    expect(existsSync(at('late.csv'))).toBe(false);
    writeFileSync(at('twice.jsonl'), jsonl(late.slice(0, 20).map((row) => ({ ...row, y: 1, coreset_y: 2 }))));
    await prune(at('twice.jsonl'), { keep: 10, threads: 1, vector: 'vector', map: 'pca', runDir: at('twice.coreset') });
    await expect(exportRun(await openResults(at('twice.coreset')), 'csv', at('twice.csv'))).rejects.toThrow(
      'the input has the fields y and coreset_y; rename one of them',
    );
  });
});
