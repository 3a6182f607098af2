import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { clusteredMatrix, coreset, temporaryFolder } from '../../../test/support.ts';
import { hasColours } from '../dist/cli/colours.js';

const ESCAPE = String.fromCharCode(27);
const folder = temporaryFolder();
const { data } = clusteredMatrix(40, 4);
writeFileSync(
  join(folder, 'rows.jsonl'),
  Array.from({ length: 40 }, (_, i) => `${JSON.stringify({ vector: [...data.subarray(i * 4, i * 4 + 4)] })}\n`).join(
    '',
  ),
);

function run(
  env: Record<string, string>,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  const { NO_COLOR: _, FORCE_COLOR: __, ...others } = process.env;
  return coreset(args, { cwd: folder, env: { ...others, ...env } });
}

const PRUNE = ['prune', 'rows.jsonl', '--vector', 'vector', '--keep', '10'];

describe('whether a stream shows colours', () => {
  afterEach(() => vi.unstubAllEnvs());
  const stream = (isTTY: boolean, depth: boolean): NodeJS.WriteStream =>
    ({ isTTY, hasColors: () => depth }) as unknown as NodeJS.WriteStream;

  test.each([
    ['a terminal', {}, true, true, true],
    ['a terminal without colours', {}, true, false, false],
    ['a pipe', {}, false, true, false],
    ['a terminal under NO_COLOR', { NO_COLOR: '1' }, true, true, false],
    ['a terminal under an empty NO_COLOR', { NO_COLOR: '' }, true, true, true],
    ['a pipe under FORCE_COLOR', { FORCE_COLOR: '1' }, false, false, true],
    ['a terminal under FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, true, false],
    ['both', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, true, false],
  ])('%s', (_, env, isTTY, depth, expected) => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', undefined);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(hasColours(stream(isTTY, depth))).toBe(expected);
  });
});

test('into a pipe nothing is coloured', () => {
  const { status, stdout, stderr } = run({}, ...PRUNE);
  expect(status, stderr).toBe(0);
  expect(stdout + stderr).not.toContain(ESCAPE);
  expect(run({}, '--help').stdout).not.toContain(ESCAPE);
  expect(run({}, 'prone').stderr).toBe("coreset: unknown command 'prone'; did you mean prune?\n");
});

test('FORCE_COLOR colours summaries, notes, help and errors, and no JSON', () => {
  const forced = { FORCE_COLOR: '1' };
  const { stdout, stderr } = run(forced, ...PRUNE);
  expect(stdout).toContain(`${ESCAPE}[32m10 of 40 rows`);
  expect(stderr).toContain(`${ESCAPE}[2mplan: about`);
  expect(run(forced, 'prune', '--help').stdout).toContain(`${ESCAPE}[1mMost used:${ESCAPE}[22m`);
  for (const args of [['prone'], ['prune', 'nothing.jsonl', '--keep', '3']])
    expect(run(forced, ...args).stderr).toMatch(new RegExp(`^${ESCAPE}\\[1m${ESCAPE}\\[31mcoreset:${ESCAPE}\\[39m`));
  expect(run(forced, ...PRUNE, '--json').stdout).not.toContain(ESCAPE);
  expect(run({ ...forced, NO_COLOR: '1' }, ...PRUNE).stdout).not.toContain(ESCAPE);
});
