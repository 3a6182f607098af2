import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpyMatrix, writeNpy } from '@coreset/core';
import { type BudgetCommand, commandLine, NO_REASON, type ReportData } from '@coreset/report';
import { beforeAll, describe, expect, test } from 'vitest';
import { png } from '../../../test/images.ts';
import { readReportPage } from '../../../test/report-page.ts';
import { clusteredMatrix, coreset, ROOT, temporaryFolder } from '../../../test/support.ts';
import { heaviestRows } from '../dist/report/heaviest-rows.js';
import { sampleOf } from '../dist/report/report-data.js';

const ROWS = 240;
const folder = temporaryFolder();
const run = (...args: string[]): void => {
  const { status, stderr } = coreset(args, { cwd: folder });
  expect(status, stderr).toBe(0);
};
const lines = (path: string): string[] => readFileSync(join(folder, path), 'utf8').trimEnd().split('\n');

/** As people would who copied it from the page in a run directory, in a folder of their own. */
function inShell({ command }: BudgetCommand, run: string, budget: number, cwd = folder): void {
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
  const typed = commandLine(command, { run: join(folder, run), budget });
  const { status, stderr } = spawnSync('sh', ['-c', typed], { cwd, env: { ...process.env, PATH } });
  expect(status, String(stderr)).toBe(0);
}

/** Rows without a field that tells them apart; the last two are alike. */
const rows = Array.from({ length: ROWS }, (_, row) => ({
  text: `words of row ${row}`,
  meta: { lang: ['en', 'de', 'en'][row % 3], draft: row % 2 === 0 },
  stars: row % 5,
  score: row / 7,
  note: `note ${row}`,
  rare: row === 3 ? 'once' : null,
  many: `value ${Math.floor(row / 3)}`,
}));

beforeAll(async () => {
  writeFileSync(join(folder, "it's.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { data, cols } = clusteredMatrix(ROWS, 16);
  data.copyWithin((ROWS - 1) * cols, (ROWS - 2) * cols, (ROWS - 1) * cols);
  await writeNpy(join(folder, 'vectors.npy'), data, [ROWS, cols]);
  // A command as it would be installed.
  mkdirSync(join(folder, 'bin'));
  const command = join(folder, 'bin/coreset');
  writeFileSync(
    command,
    `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'packages/coreset/bin/coreset.js')}' "$@"\n`,
  );
  chmodSync(command, 0o755);
  run('prune', "it's.jsonl", '--embeddings', 'vectors.npy', '--keep', '60', '--run-dir', 'run');
});

describe('what the page shows', () => {
  let page: ReportData;
  beforeAll(async () => {
    page = await readReportPage(join(folder, 'run/report.html'));
  });

  test('is what the files of the run say', () => {
    const { shown, order, reasons } = page;
    expect(page).toMatchObject({
      name: "it's.jsonl",
      method: 'auto',
      isNested: true,
      rows: ROWS,
      kept: 60,
      keptUnseen: 0,
    });
    const selected = lines('run/selected.jsonl').map((line) => JSON.parse(line));
    expect([...order]).toEqual(selected.map(({ row }) => row));
    for (const { row, weight } of selected) {
      expect(shown.weight[row]).toBe(weight);
      expect(shown.reason[row]).toBe(NO_REASON);
    }
    const dropped = lines('run/dropped.jsonl').map((line) => JSON.parse(line));
    expect(dropped).toHaveLength(ROWS - 60);
    for (const { row, reason, by, similarity } of dropped) {
      expect(reasons[shown.reason[row]].reason).toBe(reason);
      expect(shown.by[row]).toBe(by ?? -1);
      if (typeof similarity === 'number') expect(shown.similarity[row] / 10_000).toBeCloseTo(similarity, 4);
    }
    expect(reasons.reduce((sum, { count }) => sum + count, 0)).toBe(dropped.length);
    expect(page.difficulty.all.reduce((sum, one) => sum + one, 0)).toBe(ROWS);
    expect(shown.texts).toEqual(rows.map(({ text }) => text));
    expect(shown.ids).toBeUndefined();
    expect(shown.k).toBe(16);
    expect(shown.neighbours.subarray(0, 16)).not.toContain(-1);
    expect(new Set(shown.x).size).toBeGreaterThan(ROWS / 2);
  });

  test('counts the fields with few values, also inside others', () => {
    expect(page.fields.map(({ name }) => name)).toEqual(['meta.lang', 'meta.draft', 'stars', 'many']);
    const [lang, , , many] = page.fields;
    expect(lang).toMatchObject({ values: ['en', 'de'], others: 0 });
    expect([...lang.counts]).toEqual([160, 80]);
    expect([...lang.picks]).toEqual(Array.from(page.order, (row) => Number(row % 3 === 1)));
    expect([...lang.shown.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
    expect(many.values).toHaveLength(49);
    expect(many).toMatchObject({ others: 31 });
    expect([...many.counts.subarray(48)]).toEqual([3, 93]);
    expect(many.shown[ROWS - 1]).toBe(49);
  });

  test('has commands that give exactly the first picks, whatever the names of files are', () => {
    for (const command of page.commands) inShell(command, 'run', 7);
    expect(lines('first-7.jsonl')).toEqual(lines('run/selected.jsonl').slice(0, 7));
    const first = [...page.order.subarray(0, 7)].sort((a, b) => a - b);
    expect(lines('kept-7.jsonl')).toEqual(first.map((row) => JSON.stringify(rows[row])));
  });

  test('says nothing of its folder: it may be moved, and another run of the same has the same page', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    run('prune', "it's.jsonl", '--embeddings', 'vectors.npy', '--keep', '60', '--run-dir', 'elsewhere/deep/run');
    const moved = "elsewhere/Tom's $run";
    renameSync(join(folder, 'elsewhere/deep/run'), join(folder, moved));
    expect(readFileSync(join(folder, moved, 'report.html'))).toEqual(readFileSync(join(folder, 'run/report.html')));
    for (const command of page.commands) inShell(command, moved, 3, join(folder, 'elsewhere'));
    expect(lines('elsewhere/first-3.jsonl')).toEqual(lines('run/selected.jsonl').slice(0, 3));
    expect(lines('elsewhere/kept-3.jsonl')).toHaveLength(3);
  });

  test('says whether a run of its own at a smaller budget picks the same rows', async () => {
    run('prune', "it's.jsonl", '--embeddings', 'vectors.npy', '--keep', '20', '--run-dir', 'smaller');
    expect((await readReportPage(join(folder, 'smaller/report.html'))).order).toEqual(page.order.slice(0, 20));
    const shared = ['--balance', 'stars', '--run-dir', 'shared'];
    run('prune', "it's.jsonl", '--embeddings', 'vectors.npy', '--keep', '20', ...shared);
    expect((await readReportPage(join(folder, 'shared/report.html'))).isNested).toBe(false);
    run('prune', "it's.jsonl", '--embeddings', 'vectors.npy', '--keep', '20', '--method', 'density', '--run-dir', 'd');
    expect((await readReportPage(join(folder, 'd/report.html'))).isNested).toBe(false);
  });

  test('names the model where there was one, the same wherever it lies', async () => {
    expect(page.model).toBeUndefined();
    const named = (model: string): string[] => [
      'prune',
      "it's.jsonl",
      '--text',
      'text',
      '--keep',
      '20',
      '--model',
      model,
    ];
    run(...named('static'), '--run-dir', 'by-name', '--threads', '1');
    run(...named(join(ROOT, 'models/static-minilm')), '--run-dir', 'by-path', '--threads', '2');
    expect((await readReportPage(join(folder, 'by-name/report.html'))).model).toBe('static-minilm');
    expect(readFileSync(join(folder, 'by-path/report.html'))).toEqual(
      readFileSync(join(folder, 'by-name/report.html')),
    );
  });
});

test('vectors alone are shown by their numbers, without a map where none is wanted', async () => {
  run('prune', 'vectors.npy', '--keep', '20', '--map', 'none', '--run-dir', 'alone');
  const { shown, map, fields, notes, order, commands } = await readReportPage(join(folder, 'alone/report.html'));
  expect([...shown.rows]).toEqual([...rows.keys()]);
  expect([shown.texts, shown.ids, shown.x, map]).toEqual([undefined, undefined, undefined, undefined]);
  expect({ fields, notes }).toEqual({ fields: [], notes: [] });
  inShell(commands[1], 'alone', 5);
  const { data, cols } = readNpyMatrix(join(folder, 'vectors.npy'));
  const first = [...order.subarray(0, 5)].sort((a, b) => a - b);
  expect([...readNpyMatrix(join(folder, 'kept-5.npy')).data]).toEqual(
    first.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)]),
  );
});

describe('the commands give the first picks', () => {
  const numbers = (name: string): unknown =>
    JSON.parse(readFileSync(join(folder, name, 'selection.json'), 'utf8')).order.sort((a: number, b: number) => a - b);
  const vectorsOf = async (name: string, count: number): Promise<void> =>
    writeNpy(join(folder, name), clusteredMatrix(count, 4).data, [count, 4]);
  /** The first picks of a run by its page, and of the run that the command for the rows of the input is. */
  const bothOf = async (name: string, budget: number): Promise<unknown[]> => {
    const { order, commands } = await readReportPage(join(folder, name, 'report.html'));
    inShell(commands[1], name, budget);
    return [[...order.subarray(0, budget)].sort((a, b) => a - b), numbers(`first-${budget}.coreset`)];
  };

  test('of a folder of files, also where its name looks like that of a file', async () => {
    mkdirSync(join(folder, 'corpus.v2'));
    for (const half of [0, 1])
      writeFileSync(
        join(folder, `corpus.v2/${half}.jsonl`),
        rows
          .slice(120 * half, 120 * (half + 1))
          .map((row) => `${JSON.stringify(row)}\n`)
          .join(''),
      );
    run('prune', 'corpus.v2', '--embeddings', 'vectors.npy', '--keep', '20', '--run-dir', 'of-folder');
    const [first, again] = await bothOf('of-folder', 9);
    expect(again).toEqual(first);
    expect(lines('first-9.coreset/kept.jsonl')).toEqual((first as number[]).map((row) => JSON.stringify(rows[row])));
  });

  test('of a folder of images, which may have vectors of their own', async () => {
    mkdirSync(join(folder, 'photos'));
    for (let i = 0; i < 6; i++) writeFileSync(join(folder, `photos/${i}.png`), await png([40 * i, 0, 0]));
    await vectorsOf('six.npy', 6);
    run('prune', 'photos', '--embeddings', 'six.npy', '--keep', '4', '--run-dir', 'of-images');
    const { shown } = await readReportPage(join(folder, 'of-images/report.html'));
    expect(shown.images).toEqual(Array.from({ length: 6 }, (_, i) => `../photos/${i}.png`));
    const [first, again] = await bothOf('of-images', 3);
    expect(again).toEqual(first);
    expect(lines('first-3.coreset/kept.txt')).toEqual((first as number[]).map((row) => `${row}.png`));
  });

  test('of one row and of two, whose numbers could be marks', async () => {
    for (const count of [1, 2]) {
      await vectorsOf(`${count}.npy`, count);
      run('prune', `${count}.npy`, '--keep', '100%', '--run-dir', `of-${count}`);
      const [first, again] = await bothOf(`of-${count}`, count);
      expect(again).toEqual(first);
    }
  });
});

test('the rows that stand for most others are among the shown ones of a large corpus, with some of these', () => {
  // Row 0 stands for 1 to 4, row 5 for 6, which repeats it; 7 stands for itself.
  const weight = Int32Array.of(5, 0, 0, 0, 0, 2, 0, 1);
  const by = Int32Array.of(-1, 0, 0, 0, 0, -1, -1, -1);
  const duplicateOf = Int32Array.of(-1, -1, -1, -1, -1, -1, 5, -1);
  expect(heaviestRows({ weight, by, duplicateOf })).toEqual([0, 1, 2, 3, 5, 6]);
  const sample = sampleOf(10_000, 100, [9999, 3, 17]);
  expect(sample).toHaveLength(100);
  expect(new Set(sample).size).toBe(100);
  for (const row of [3, 17, 9999]) expect(sample).toContain(row);
  expect(sampleOf(10_000, 100).filter((row) => !sample.includes(row)).length).toBeLessThanOrEqual(3);
});

test('of a corpus that is too large some rows are shown, drawn alike from all of it', () => {
  expect([...sampleOf(4, 5)]).toEqual([0, 1, 2, 3]);
  const sample = sampleOf(10_000, 1000);
  expect(sample).toEqual(sampleOf(10_000, 1000));
  expect(new Set(sample).size).toBe(1000);
  expect([...sample]).toEqual([...sample].sort((a, b) => a - b));
  for (const start of [0, 2500, 5000, 7500]) {
    const inQuarter = sample.filter((row) => row >= start && row < start + 2500).length;
    expect(Math.abs(inQuarter - 250)).toBeLessThan(60);
  }
});
