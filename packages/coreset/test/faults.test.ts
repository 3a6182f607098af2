import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';
import { WORDS, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const base = realpathSync(temporaryFolder());
// The loader takes no path with spaces.
const hook = join(mkdtempSync(join(tmpdir(), 'coreset-hook-')), 'faults.so');
const model = join(base, 'model');

beforeAll(() => {
  if (process.platform !== 'linux') return;
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', hook, join(ROOT, 'test/faults.c'), '-ldl']);
  writeTinyTextModel(model);
});

/** Run the chain with one call of a kind after the other failing. */
function withFaults(kinds: string): { calls: Record<string, number>; failed: number; problems: object[] } {
  const folder = join(base, kinds);
  mkdirSync(folder);
  const rows = Array.from({ length: 16 }, (_, i) => ({
    id: i,
    text: `${WORDS[i % 9]} ${WORDS[(i * 4) % 7]} ${WORDS[i % 4]}`,
  }));
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = JSON.stringify({ model, k: 3, prototypes: 2 });
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'faults/run.mjs'), folder, kinds, options],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, LD_PRELOAD: hook, FAULT_LOG: join(base, `${kinds}.log`) },
    },
  );
  expect(stdout, stderr).not.toBe('');
  return JSON.parse(stdout);
}

describe.runIf(process.platform === 'linux')(
  'a call that fails ends the run in one line, and the next run goes on',
  () => {
    test.each(['open', 'read', 'create,link', 'write', 'sync,truncate,mkdir', 'rename,unlink', 'worker'])(
      '%s',
      (kinds) => {
        const { failed, problems } = withFaults(kinds);
        expect(problems).toEqual([]);
        expect(failed, 'calls that failed the run').toBeGreaterThan(3);
      },
      300_000,
    );
  },
);
