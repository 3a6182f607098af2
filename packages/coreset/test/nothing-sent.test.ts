import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { png, writeTinyModel } from '../../../test/images.ts';
import { corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const folder = realpathSync(temporaryFolder());
// The loader takes no path with spaces.
const hook = join(mkdtempSync(join(tmpdir(), 'coreset-hook-')), 'touched.so');
const work = join(folder, 'work');
const home = join(folder, 'home');
const temporary = join(folder, 'temporary');
const CLI = join(ROOT, 'packages/coreset/bin/coreset.js');
const IS_LINUX = process.platform === 'linux';

beforeAll(async () => {
  if (!IS_LINUX) return;
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', hook, join(ROOT, 'test/touched.c'), '-ldl']);
  for (const path of [work, home, temporary, join(work, 'photos')]) mkdirSync(path);
  writeFileSync(
    join(work, 'rows.jsonl'),
    corpusRows(12)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  writeTinyModel(join(work, 'model'), 'map');
  for (let i = 0; i < 4; i++) writeFileSync(join(work, `photos/${i}.png`), await png([60 * i, 255 - 60 * i, 0]));
  symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
});

const HAS_NAMESPACES = IS_LINUX && spawnSync('unshare', ['-rn', 'true']).status === 0;

/** Run Node without a network, as at home: not on CI, where onnxruntime sends nothing by itself. */
function touchedBy(args: string[]): { touched: string[]; status: number | null; stderr: string } {
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const { CI, GITHUB_ACTIONS, ORT_DISABLE_TELEMETRY, TF_BUILD, ...env } = process.env;
  const command = [
    ...(HAS_NAMESPACES ? ['unshare', '-rn'] : []),
    'env',
    `LD_PRELOAD=${hook}`,
    process.execPath,
    ...args,
  ];
  const { status, stderr } = spawnSync(command[0], command.slice(1), {
    cwd: work,
    encoding: 'utf8',
    env: { ...env, HOME: home, TMPDIR: temporary, TOUCHED: log },
  });
  return { touched: readFileSync(log, 'utf8').split('\n').filter(Boolean), status, stderr };
}

/** Sockets, names looked up, and files outside the folder of the command. */
const outside = (touched: string[]): string[] =>
  touched.filter(
    (line) => !line.split('\t')[1].startsWith(work + sep) && !/^open\t\/(dev\/null|dev\/tty|proc\/self\/)/.test(line),
  );

describe.runIf(IS_LINUX)('no socket is opened, and no file outside the folder of the command', () => {
  test.each([
    ['texts', ['prune', 'rows.jsonl', '--keep', '3']],
    ['images', ['prune', 'photos', '--model', 'model', '--keep', '2']],
    ['embed', ['embed', 'rows.jsonl', '--out', 'vectors.npy']],
    ['score', ['score', 'vectors.npy', '--prototypes', '2', '--out', 'scores.npy']],
    ['graph', ['graph', 'vectors.npy', '--k', '3', '--out', 'graph']],
    ['select', ['select', '--graph', 'graph', '--scores', 'scores.npy', '--keep', '3', '--out', 'selection.json']],
    ['compare', ['compare', 'rows.jsonl', '--methods', 'd2', '--keep', '3']],
    ['plan', ['plan', 'rows.jsonl', '--keep', '3']],
  ])('%s', (_, args) => {
    const { touched, status, stderr } = touchedBy([CLI, ...args]);
    expect(status, stderr).toBe(0);
    expect(outside(touched)).toEqual([]);
    if (args[0] !== 'plan') expect(touched.join('\n'), 'the hook sees nothing').toContain(`${work}${sep}`);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('the library', () => {
    writeFileSync(
      join(work, 'library.mjs'),
      `import { embedTexts } from '@coreset/embedder';
import { buildGraph } from '@coreset/graph';
const { data, rows, cols } = await embedTexts(['one', 'two', 'three'], {});
await buildGraph({ data, rows, cols }, { k: 1 });`,
    );
    const { touched, status, stderr } = touchedBy(['library.mjs']);
    expect(status, stderr).toBe(0);
    expect(outside(touched)).toEqual([]);
  });

  test('a worker thread, which cannot switch it off, is refused', () => {
    writeFileSync(
      join(work, 'thread.mjs'),
      `import { Worker, isMainThread } from 'node:worker_threads';
if (isMainThread) {
  new Worker(new URL(import.meta.url)).on('error', (error) => { console.error(error.message); process.exitCode = 3; });
} else {
  const { compileModel } = await import('@coreset/kernels');
  await compileModel({ nodes: [], inputs: [], outputs: [] });
}`,
    );
    const { touched, status, stderr } = touchedBy(['thread.mjs']);
    expect(stderr).toMatch(/set ORT_DISABLE_TELEMETRY=1 in the environment/);
    expect(status).toBe(3);
    expect(outside(touched)).toEqual([]);
  });
});

test.runIf(IS_LINUX)('the hook sees what onnxruntime does when it is let', () => {
  writeFileSync(
    join(work, 'let.mjs'),
    `process.env.ORT_DISABLE_TELEMETRY = '0';
const { createSession } = await import('@coreset/kernels');
await createSession(new Uint8Array(3), {}).catch(() => {});`,
  );
  const { touched } = touchedBy(['let.mjs']);
  expect(outside(touched).join('\n')).toMatch(/onnxruntime|mat-debug/);
});
