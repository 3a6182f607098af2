import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { prune } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { coreset, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const ROWS = 6000;
const args = ['prune', 'rows.jsonl', '--keep', '600', '--threads', '1'];
const COMMAND = join(ROOT, 'packages/coreset/bin/coreset.js');

function start(runDir: string): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...args, '--run-dir', runDir], { cwd: folder, stdio: 'ignore' });
}

function hashes(runDir: string): Record<string, string> {
  const files = readdirSync(join(folder, runDir))
    .filter((name) => name !== 'manifest.json')
    .sort();
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, runDir, name)))
      .digest('hex');
  return Object.fromEntries(files.map((name) => [name, hash(name)]));
}

async function untilShards(runDir: string, count: number): Promise<void> {
  const journal = join(folder, runDir, 'embeddings.npy.journal');
  const lines = (): number => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 2 : 0);
  for (let waited = 0; lines() < count; waited += 10) {
    if (waited > 60_000) throw new Error('no shard appeared');
    await sleep(10);
  }
}

const exited = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.on('exit', resolve));

beforeAll(() => {
  const lines = corpusRows(ROWS).map((row) => `${JSON.stringify(row)}\n`);
  writeFileSync(join(folder, 'rows.jsonl'), lines.join(''));
  expect(coreset([...args, '--run-dir', 'whole'], { cwd: folder }).status).toBe(0);
});

describe('a killed run', () => {
  test('goes on behind the last whole shard and ends with the same bytes, wherever it was killed', async () => {
    for (const shards of [1, 3]) {
      const runDir = `killed-${shards}`;
      const child = start(runDir);
      await untilShards(runDir, shards);
      child.kill('SIGKILL');
      await exited(child);
      const { status, stderr } = coreset([...args, '--run-dir', runDir], { cwd: folder });
      expect(status, stderr).toBe(0);
      const resumedAt = Number(/resuming behind row (\d+)/.exec(stderr)?.[1]);
      expect(resumedAt).toBeGreaterThanOrEqual(shards * 1024);
      expect(hashes(runDir)).toEqual(hashes('whole'));
    }
  });

  test.skipIf(process.platform === 'win32')('stops with one line where a file cannot grow, and goes on later', () => {
    const command = [process.execPath, COMMAND, ...args, '--run-dir', 'limited', '--quiet']
      .map((part) => `'${part}'`)
      .join(' ');
    // Blocks of 512 bytes: room for one shard and a half.
    const limited = spawnSync('sh', ['-c', `ulimit -f 4600; ${command}`], { cwd: folder, encoding: 'utf8' });
    expect(limited.status).toBe(2);
    expect(limited.stderr).toMatch(
      /^coreset: cannot write limited.embeddings.npy: the file would be larger than .*\n$/,
    );
    expect(existsSync(join(folder, 'limited', 'embeddings.npy'))).toBe(false);
    const { status, stderr } = coreset([...args, '--run-dir', 'limited'], { cwd: folder });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/resuming behind row \d+/);
    expect(hashes('limited')).toEqual(hashes('whole'));
  });

  test('distrusts a damaged or cut shard and does it again', async () => {
    for (const [name, damage] of [
      ['flipped', (part: string) => writeFileSync(part, readFileSync(part).fill(7, 2_000_000, 2_000_100))],
      ['cut', (part: string) => truncateSync(part, statSync(part).size - 1000)],
    ] as const) {
      const child = start(name);
      await untilShards(name, 3);
      child.kill('SIGKILL');
      await exited(child);
      damage(join(folder, name, 'embeddings.npy.part'));
      const { status } = coreset([...args, '--run-dir', name], { cwd: folder });
      expect(status).toBe(0);
      expect(hashes(name)).toEqual(hashes('whole'));
    }
  });

  test('starts anew when the input changed meanwhile', async () => {
    const runDir = 'changed';
    const child = start(runDir);
    await untilShards(runDir, 1);
    child.kill('SIGKILL');
    await exited(child);
    const path = join(folder, 'rows.jsonl');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('chase action game', 'chase game'));
    const { status, stderr } = coreset([...args, '--run-dir', runDir], { cwd: folder });
    writeFileSync(path, before);
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/resuming/);
    expect(hashes(runDir)['embeddings.npy']).not.toBe(hashes('whole')['embeddings.npy']);
  });
});

test('an interrupt stops within two seconds and leaves a run that goes on', async () => {
  const child = start('interrupted');
  await untilShards('interrupted', 1);
  const at = performance.now();
  child.kill('SIGINT');
  expect(await exited(child)).toBe(130);
  expect(performance.now() - at).toBeLessThan(2000);
  const { status, stderr } = coreset([...args, '--run-dir', 'interrupted'], { cwd: folder });
  expect(status).toBe(0);
  expect(stderr).toMatch(/resuming behind row/);
  expect(hashes('interrupted')).toEqual(hashes('whole'));
});

test('an AbortSignal does the same in the library', async () => {
  const controller = new AbortController();
  const options = { keep: 600, runDir: join(folder, 'aborted'), threads: 2 };
  const run = prune(join(folder, 'rows.jsonl'), { ...options, signal: controller.signal });
  const failed = expect(run).rejects.toThrow('enough');
  await untilShards('aborted', 1);
  controller.abort(new Error('enough'));
  await failed;
  await prune(join(folder, 'rows.jsonl'), options);
  expect(hashes('aborted')).toEqual(hashes('whole'));
});

test('the library gives the bytes that the command gives', async () => {
  await prune(join(folder, 'rows.jsonl'), { keep: '10%', runDir: join(folder, 'library') });
  expect(hashes('library')).toEqual(hashes('whole'));
});

test('a second run on the same run directory says so and stops', async () => {
  const child = start('busy');
  await untilShards('busy', 1);
  const { status, stderr } = coreset([...args, '--run-dir', 'busy'], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(/another run \(process \d+\) is at work in this run directory/);
  expect(await exited(child)).toBe(0);
  expect(hashes('busy')).toEqual(hashes('whole'));
});

test('a vanished input is said in one line, and earlier results stay', () => {
  const before = hashes('whole');
  const { status, stderr } = coreset(['prune', 'gone.jsonl', '--keep', '1', '--run-dir', 'whole'], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(/cannot read gone.jsonl: no such file or folder\n$/);
  expect(hashes('whole')).toEqual(before);
});

/** An environment in which a call of the file system fails for paths that have `part` in them, or for every descriptor. */
function failing(call: 'writeSync' | 'mkdirSync', code: string, part = ''): NodeJS.ProcessEnv {
  const preload = join(folder, `fail-${call}.mjs`);
  writeFileSync(
    preload,
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const original = fs.${call};
fs.${call} = (target, ...rest) => {
  if (typeof target === 'number' ? target > 2 : String(target).includes(${JSON.stringify(part)}))
    throw Object.assign(new Error('${code}'), { code: '${code}', syscall: '${call}' });
  return original(target, ...rest);
};
syncBuiltinESMExports();`,
  );
  return { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(preload)}` };
}

test('a folder that is read-only is said in one line', () => {
  const env = failing('mkdirSync', 'EROFS', 'refused');
  const { status, stderr } = coreset([...args, '--run-dir', 'refused'], { cwd: folder, env });
  expect(status).toBe(2);
  expect(stderr).toBe('coreset: cannot create refused: the file system is read-only\n');
});

test('a full disk is said in one line, and nothing is left on it', () => {
  const before = readdirSync(folder);
  const env = failing('writeSync', 'ENOSPC');
  const { status, stderr } = coreset(['score', 'whole/embeddings.npy', '--out', 'x.npy'], { cwd: folder, env });
  expect(status).toBe(2);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'coreset: cannot write x.npy: no space left on the disk; free some and run the same command again',
  );
  expect(readdirSync(folder).filter((name) => !before.includes(name))).toEqual(['fail-writeSync.mjs']);
});

test('standard output closed early ends the run quietly', async () => {
  const child = spawn(process.execPath, [COMMAND, 'prune', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  expect(await exited(child)).toBe(0);
  expect(stderr).toBe('');
});
