import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

const COMMAND = join(ROOT, 'packages/coreset/bin/coreset.js');
const folder = temporaryFolder();
const ROWS = ['a dog', 'a cat', 'a car', 'a bus', 'the sun', 'the moon'];
writeFileSync(join(folder, 'rows.jsonl'), ROWS.map((text) => `${JSON.stringify({ text })}\n`).join(''));
const pipe = join(folder, 'pipe');

describe.skipIf(process.platform === 'win32')('a pipe that nobody writes to', () => {
  spawnSync('mkfifo', [pipe, `${pipe}.npy`]);

  /** Run with an end of the pipe as descriptor, to which nothing comes, and send a signal when the run has begun. */
  async function stopped(args: string[], descriptor: number, signal: NodeJS.Signals, runDir: string): Promise<unknown> {
    const end = openSync(pipe, 'r+');
    const stdio = ['ignore', 'ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe' | number)[];
    stdio[descriptor] = end;
    const child = spawn(process.execPath, [COMMAND, ...args, '--quiet'], { cwd: folder, stdio });
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    while (!existsSync(join(folder, runDir))) await sleep(20);
    await sleep(1000); // by now it waits for the pipe, or else will look for the signal before
    child.kill(signal);
    const status = await Promise.race([exit, sleep(60_000, 'is deaf', { ref: false })]);
    child.kill('SIGKILL');
    closeSync(end);
    return { status, stderr };
  }

  test('is waited for on standard input, until a signal comes', async () => {
    expect(await stopped(['prune', '-', '--keep', '2'], 0, 'SIGTERM', 'stdin.coreset')).toEqual({
      status: 130,
      stderr: 'coreset: stopped by SIGTERM; run the same command again to go on where it stopped\n',
    });
  });

  test('is waited for in place of scores or labels, until a signal comes', async () => {
    for (const option of ['scores', 'labels']) {
      const method = option === 'labels' ? ['--method', 'moderate'] : [];
      const args = ['prune', 'rows.jsonl', '--keep', '2', `--${option}`, '/dev/fd/3', ...method, '--run-dir', option];
      expect(await stopped(args, 3, 'SIGINT', option)).toMatchObject({ status: 130 });
    }
  });

  test('is refused by its name', () => {
    for (const [option, name] of [
      ['scores', 'pipe'],
      ['labels', 'pipe'],
      ['scores', 'pipe.npy'],
      ['embeddings', 'pipe.npy'],
    ]) {
      const method = option === 'labels' ? ['--method', 'moderate'] : [];
      const { status, stderr } = spawnSync(
        process.execPath,
        [COMMAND, 'prune', 'rows.jsonl', '--keep', '2', `--${option}`, name, ...method, '--quiet'],
        { cwd: folder, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' },
      );
      expect(stderr).toBe(`coreset: ${name} is no regular file; write what comes through it to a file first\n`);
      expect(status).toBe(2);
    }
  });
});

test.skipIf(process.platform === 'win32')('scores and labels may come by process substitution', () => {
  const coreset = `'${process.execPath}' '${COMMAND}' prune rows.jsonl --keep 2 --quiet --json`;
  for (const [option, values] of [
    ['--scores', '1 2 3 4 5 6'],
    ['--method moderate --labels', 'x x x y y y'],
  ]) {
    const { status, stderr } = spawnSync('bash', ['-c', `${coreset} ${option} <(printf '%s\\n' ${values})`], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
  }
});
