import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '@coreset/core';
import { VERSION } from 'coreset';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { hashValue } from '../dist/run/hash.js';
import { RunDirectory } from '../dist/run/run-directory.js';

/** Run a stage that writes two files. @returns the hash of its files, and whether it did any work */
async function stage(run: RunDirectory, dependsOn: unknown, text = 'text'): Promise<{ hash: string; worked: boolean }> {
  let worked = false;
  const hash = await run.stage('graph', dependsOn, ['a.txt', 'b.txt'], async () => {
    worked = true;
    writeFileSync(run.file('a.txt'), text);
    writeFileSync(run.file('b.txt'), 'b');
  });
  return { hash, worked };
}

function open(path: string): RunDirectory {
  return new RunDirectory(path, ['/data/rows.jsonl']);
}

/** Use a run directory and give it back. */
async function using<Result>(path: string, use: (run: RunDirectory) => Promise<Result> | Result): Promise<Result> {
  const run = open(path);
  try {
    return await use(run);
  } finally {
    run.close();
  }
}

interface Manifest {
  version: string;
  given: string[];
  input?: unknown;
  stages: Record<string, { key: string; files: Record<string, string> }>;
}
const manifestOf = (path: string): Manifest => JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'));

test('a stage runs once for the same options and files, and again for others', async () => {
  const path = join(temporaryFolder(), 'run');
  const first = await using(path, (run) => stage(run, { k: 3 }));
  expect(first.worked).toBe(true);
  await using(path, async (run) => {
    expect(await stage(run, { k: 3 })).toEqual({ hash: first.hash, worked: false });
    expect(run.outcomes).toEqual([{ stage: 'graph', seconds: 0, reused: true }]);
  });
  await using(path, async (run) => {
    expect(await stage(run, { k: 4 })).toEqual({ hash: first.hash, worked: true });
    expect(run.outcomes).toMatchObject([{ stage: 'graph', reused: false }]);
  });
  const other = await using(path, (run) => stage(run, { k: 5 }, 'other text'));
  expect(other.hash).not.toBe(first.hash);
});

test('a result of another version is not used again: the version is a part of the key', async () => {
  const path = join(temporaryFolder(), 'run');
  await using(path, (run) => stage(run, { k: 3 }));
  const keyOf = (version: string): string => hashValue({ stage: 'graph', version, dependsOn: { k: 3 } });
  const manifest = manifestOf(path);
  expect(manifest.stages.graph.key).toBe(keyOf(VERSION));
  manifest.stages.graph.key = keyOf('0.0.1');
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
  expect((await using(path, (run) => stage(run, { k: 3 }))).worked).toBe(true);
});

test.each<[string, (path: string) => void]>([
  ['changed', (path) => writeFileSync(join(path, 'b.txt'), 'damaged')],
  [
    'missing',
    (path) =>
      writeFileSync(
        join(path, 'manifest.json'),
        readFileSync(join(path, 'manifest.json'), 'utf8').replaceAll('b.txt', 'c.txt'),
      ),
  ],
  ['of a manifest that is damaged', (path) => writeFileSync(join(path, 'manifest.json'), '{"stages":')],
  ['of a manifest without stages', (path) => writeFileSync(join(path, 'manifest.json'), '{"stages":null}')],
  ['of a manifest that is a number', (path) => writeFileSync(join(path, 'manifest.json'), '3')],
])('a stage runs again whose files are %s', async (_, damage) => {
  const path = join(temporaryFolder(), 'run');
  await using(path, (run) => stage(run, {}));
  damage(path);
  expect((await using(path, (run) => stage(run, {}))).worked).toBe(true);
  expect((await using(path, (run) => stage(run, {}))).worked).toBe(false);
});

test('only files that a stage writes are looked at, whatever the manifest names', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'run');
  await using(path, (run) => stage(run, {}));
  writeFileSync(join(folder, 'outside.txt'), 'outside');
  const manifest = manifestOf(path);
  const { files } = manifest.stages.graph;
  // Were names of the manifest followed, this stage would count as intact, and b.txt never be looked at.
  manifest.stages.graph.files = { '../outside.txt': hashFile(join(folder, 'outside.txt')), 'a.txt': files['a.txt'] };
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
  expect((await using(path, (run) => stage(run, {}))).worked).toBe(true);
  expect(manifestOf(path).stages.graph.files).toEqual(files);
  expect(readFileSync(join(folder, 'outside.txt'), 'utf8')).toBe('outside');
});

test('a stage that fails is forgotten, and those before it stay', async () => {
  const path = join(temporaryFolder(), 'run');
  await using(path, async (run) => {
    await run.stage('embed', 1, [], async () => {});
    await stage(run, {});
  });
  await using(path, async (run) => {
    const failing = run.stage('graph', 'other', [], () => Promise.reject(new Error('killed')));
    await expect(failing).rejects.toThrow('killed');
  });
  expect(Object.keys(manifestOf(path).stages)).toEqual(['embed']);
});

test('the manifest says whose results these are before the first of them, then what was asked and found', async () => {
  const path = join(temporaryFolder(), 'run');
  await using(path, async (run) => {
    await run.stage('embed', 1, ['e.npy'], async () => {
      expect(manifestOf(path)).toEqual({ version: VERSION, given: ['/data/rows.jsonl'], stages: {} });
      writeFileSync(run.file('e.npy'), '');
    });
    await run.describe({ rows: 3 }, { keep: 1 }, { threads: 2 });
    await run.note({ duplicates: 2 });
  });
  expect(manifestOf(path)).toMatchObject({
    version: VERSION,
    given: ['/data/rows.jsonl'],
    input: { rows: 3 },
    environment: { threads: 2 },
    options: { keep: 1 },
    findings: { duplicates: 2 },
    stages: { embed: {} },
  });
});

test('work that leaves nothing to use again is timed', async () => {
  const path = join(temporaryFolder(), 'run');
  await using(path, async (run) => {
    const { result, seconds } = await run.timed('report', async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return 'made';
    });
    expect(result).toBe('made');
    expect(seconds).toBeGreaterThan(0.02);
    expect(seconds).toBeLessThan(10);
    expect(run.outcomes).toEqual([{ stage: 'report', seconds, reused: false }]);
  });
});

test('nothing is left of a new directory in which no work was done; others stay', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'run');
  await using(path, () => {});
  expect(readdirSync(folder)).toEqual([]);
  await using(path, (run) => run.describe({}, {}, {}));
  expect(readdirSync(folder)).toEqual([]);
  await using(path, (run) => writeFileSync(run.file('piped.jsonl'), '1'));
  expect(readdirSync(path)).toEqual(['piped.jsonl']);
  const empty = temporaryFolder();
  await using(empty, () => {});
  expect(existsSync(empty)).toBe(true);
  await using(path, (run) => stage(run, {}));
  await using(path, () => {});
  expect(readdirSync(path).sort()).toEqual(['a.txt', 'b.txt', 'manifest.json', 'piped.jsonl']);
});

test('a directory that a run is at work in, and one that cannot be made, are refused', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'run');
  await using(path, () => {
    expect(() => open(path)).toThrow(/another run \(process \d+\) is at work/);
  });
  await using(path, () => {});
  writeFileSync(join(folder, 'file'), '');
  expect(() => open(join(folder, 'file', 'run'))).toThrow(/^cannot create .*run: a part of the path is a file/);
});
