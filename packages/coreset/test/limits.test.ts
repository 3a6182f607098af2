import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const COMMAND = `"${process.execPath}" "${join(ROOT, 'packages/coreset/bin/coreset.js')}"`;

beforeAll(() => {
  const rows = corpusRows(12).map((row) => `${JSON.stringify(row)}\n`);
  writeFileSync(join(folder, 'rows.jsonl'), rows.join(''));
});

const bash = (script: string) => spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });

describe.runIf(process.platform === 'linux')('a limit of the shell is told in one line', () => {
  test.each([
    [
      'addresses, before the work',
      'ulimit -v 8000000',
      /^coreset: memory ran out \(.*\); use fewer --threads, lift the limits/,
    ],
    ['addresses, in a worker', 'ulimit -v 30000000', /^coreset: (no memory for WebAssembly|memory ran out).*ulimit -v/],
    ['open files', 'ulimit -n 64', /^coreset: too few files may be open at once \(ulimit -n 64\); raise the limit/],
  ])('%s', (name, limit, message) => {
    const { status, stderr } = bash(
      `${limit}; ${COMMAND} prune rows.jsonl --keep 3 --k 3 --threads 4 --quiet --run-dir '${name}'`,
    );
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect(status).toBe(2);
  });
});

test.runIf(existsSync('/dev/full'))('a summary or rows that find no room are told', () => {
  for (const more of ['', '--out -']) {
    const { status, stderr } = bash(`${COMMAND} prune rows.jsonl --keep 3 --k 3 --quiet ${more} > /dev/full`);
    expect(stderr).toMatch(/^coreset: cannot write standard output: no space left on the disk/);
    expect(status).toBe(2);
  }
});

test('progress that nobody reads stops nothing', () => {
  const { status, stdout } = bash(`${COMMAND} prune rows.jsonl --keep 3 --run-dir piped 2> >(true)`);
  expect(stdout).toMatch(/kept +3 of 12 rows/);
  expect(status).toBe(0);
  const closed = bash(`${COMMAND} prune rows.jsonl --keep 3 --run-dir closed 2>&-`);
  expect(closed.stdout).toMatch(/kept +3 of 12 rows/);
  expect(closed.status).toBe(0);
});
