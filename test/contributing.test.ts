import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readNpy } from '@coreset/core';
import { beforeAll, expect, test } from 'vitest';
import { applyStep, type Recipe, readRecipe } from './recipes.ts';
import { corpusRows, ROOT, temporaryFolder } from './support.ts';

const PAGE = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const ROWS = 60;
const KEPT = 0.3 * ROWS;

/** A copy of the packages, in which the recipes are followed. */
const copy = temporaryFolder();
/** Where the commands of the recipes run. */
const work = join(copy, 'work');
const lines = corpusRows(ROWS).map(({ id, text }) => ({ name: id, text }));

/** Copy what the compiler and the command need; libraries stay where they are. */
function copySources(): void {
  for (const name of ['node_modules', 'models']) symlinkSync(join(ROOT, name), join(copy, name));
  for (const name of ['tsconfig.json', 'tsconfig.base.json']) cpSync(join(ROOT, name), join(copy, name));
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    for (const part of ['src', 'dist', 'bin', 'node_modules', 'package.json', 'tsconfig.json']) {
      const from = join(ROOT, 'packages', name, part);
      const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };
      if (existsSync(from)) cpSync(from, join(copy, 'packages', name, part), options);
    }
  }
}

function follow({ steps }: Recipe): void {
  for (const step of steps) {
    const path = join(copy, step.path);
    if (step.how === 'create') expect(existsSync(path), step.path).toBe(false);
    writeFileSync(path, applyStep(step.how === 'create' ? '' : readFileSync(path, 'utf8'), step));
  }
}

/** Run Node in the copy. @returns standard output */
function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: work, encoding: 'utf8' });
  expect(status, `${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

function run(command: string): string {
  expect(command).toMatch(/^npx coreset /);
  return node(join(copy, 'packages/coreset/bin/coreset.js'), ...command.split(' ').slice(2));
}

/** The JSON that code prints which imports from the packages of the copy. */
function evaluated(code: string): unknown {
  const script = join(copy, 'packages/coreset/evaluated.mjs');
  writeFileSync(script, code);
  return JSON.parse(node(script));
}

const recipes = {
  selector: readRecipe(PAGE, 'How to add a selector'),
  format: readRecipe(PAGE, 'How to add a file format'),
  model: readRecipe(PAGE, 'How to add a model'),
  measure: readRecipe(PAGE, 'How to add a measure (metric)'),
};

beforeAll(() => {
  copySources();
  for (const recipe of Object.values(recipes)) follow(recipe);
  mkdirSync(work);
  writeFileSync(join(work, 'corpus.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(work, 'notes.toy'), lines.map(({ name, text }) => `${name}: ${text}\n`).join(''));
  symlinkSync(join(ROOT, 'models/tiny/mean'), join(work, 'my-model'));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  node(compiler, '--build', join(copy, 'packages/coreset'));
});

test('a selector', () => {
  const [prune, compare] = recipes.selector.commands;
  run(prune);
  const { data, shape } = readNpy(join(work, 'corpus.coreset/distances.npy'));
  const nearest = lines.map((_, row) => Number(data[row * shape[1]]));
  const farthest = lines.map((_, row) => row).sort((a, b) => nearest[b] - nearest[a] || a - b);
  const { order } = JSON.parse(readFileSync(join(work, 'corpus.coreset/selection.json'), 'utf8'));
  expect(order).toEqual(farthest.slice(0, KEPT));
  expect(run(compare)).toMatch(/^toy /m);

  const picks = evaluated(`
    import { select } from '@coreset/selector';
    const graph = {
      rows: 3,
      k: 1,
      neighbours: Int32Array.of(1, 0, 1),
      distances: Float32Array.of(1, 1, 2),
      representative: Int32Array.of(0, 1, 2),
    };
    const { order } = await select('toy', { rows: 3, budget: 2, graph });
    console.log(JSON.stringify([...order]));`);
  expect(picks).toEqual([2, 0]);
});

test('a file format', () => {
  const [same, fromToy, toToy] = recipes.format.commands;
  const ownLines = readFileSync(join(work, 'notes.toy'), 'utf8').split('\n');
  const keptLines = (): string[] => readFileSync(join(work, 'kept.toy'), 'utf8').trimEnd().split('\n');
  run(same);
  const kept = keptLines();
  expect(kept).toHaveLength(KEPT);
  expect(ownLines).toEqual(expect.arrayContaining(kept));

  run(fromToy);
  const rows = readFileSync(join(work, 'kept.jsonl'), 'utf8').trimEnd().split('\n');
  expect(rows.map((row) => JSON.parse(row)).map(({ name, text }) => `${name}: ${text}`)).toEqual(kept);

  run(toToy);
  expect(keptLines()).toEqual(kept);

  writeFileSync(join(work, 'packed.toy.gz'), gzipSync('a: b\nc: d: e\r\nnothing\n'));
  const read = evaluated(`
    import { openRows } from '@coreset/rows';
    const problems = [];
    const file = openRows('packed.toy.gz', { onBrokenRow: (problem) => problems.push(problem) });
    const rows = [];
    for await (const row of file.read(['name', 'text'])) rows.push(row);
    console.log(JSON.stringify({ format: file.format, rows, problems }));`);
  expect(read).toEqual({
    format: 'toy',
    rows: [{ name: 'a', text: 'b' }, { name: 'c', text: 'd: e' }, {}],
    problems: ["packed.toy.gz, line 3: no 'NAME: TEXT'"],
  });
});

test('a model', () => {
  const [embed, prune] = recipes.model.commands;
  run(embed);
  expect(readNpy(join(work, 'vectors.npy')).shape).toEqual([ROWS, 16]);
  run(prune);
  const { options } = JSON.parse(readFileSync(join(work, 'corpus.coreset/manifest.json'), 'utf8'));
  expect(options).toMatchObject({ model: './my-model', dtype: 'fp32' });
});

test('a measure', () => {
  const table = run(recipes.measure.commands[0]);
  expect(table).toContain('kept neighbours');
  const all = JSON.parse(readFileSync(join(work, 'corpus.coreset/compare.json'), 'utf8'));
  expect(all).toHaveLength(2);
  for (const { keptNeighbours } of all) {
    expect(keptNeighbours.mean).toBeGreaterThan(0);
    expect(keptNeighbours.mean).toBeLessThan(0.5);
  }
  const share = evaluated(`
    import { keptNeighbours } from '@coreset/metrics';
    const graph = { rows: 3, k: 2, neighbours: Int32Array.of(1, 2, 0, 2, 1, 0) };
    console.log(JSON.stringify([keptNeighbours(graph, [0, 1]), keptNeighbours(graph, [0, 1, 2]), keptNeighbours(graph, [])]));`);
  expect(share).toEqual([0.5, 1, 0]);
});
