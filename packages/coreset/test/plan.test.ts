import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plan, prune } from 'coreset';
import { expect, test } from 'vitest';
import { coreset, temporaryFolder } from '../../../test/support.ts';

const TEXTS = Array.from({ length: 300 }, (_, i) => JSON.stringify({ text: `package number ${i} of the list` }));

function corpus(): string {
  const path = join(temporaryFolder(), 'corpus.jsonl');
  writeFileSync(path, `${TEXTS.join('\n')}\n`);
  return path;
}

test('the plan has every stage of the run, and grows with rows and k', async () => {
  const path = corpus();
  const small = await plan(path, { keep: 0.3 });
  expect(small).toMatchObject({ rows: 300, kept: 90, method: 'auto' });
  const result = await prune(path, { keep: 0.3, runDir: temporaryFolder() });
  expect(small.stages.map(({ stage }) => stage)).toEqual(Object.keys(result.seconds));
  expect(small.seconds).toBeGreaterThan(0);
  expect(small.memory).toBe(Math.max(...small.stages.map(({ memory }) => memory)));
  const others = Array.from({ length: 10 * TEXTS.length }, (_, i) =>
    JSON.stringify({ text: `package number ${i} of many` }),
  );
  writeFileSync(path, `${others.join('\n')}\n`);
  const large = await plan(path, { keep: 0.3, k: 64 });
  for (const [i, { stage, seconds, disk }] of large.stages.entries()) {
    expect(seconds, stage).toBeGreaterThan(small.stages[i].seconds);
    // The report has a drawing of a sample.
    if (stage === 'report') expect(disk).toBeGreaterThanOrEqual(small.stages[i].disk);
    else expect(disk, stage).toBeGreaterThan(small.stages[i].disk);
  }
  const wide = await plan(path, { keep: 0.3, k: 128 });
  const graphOf = ({ stages }: typeof wide): { seconds: number; disk: number } =>
    stages.find(({ stage }) => stage === 'graph') as { seconds: number; disk: number };
  expect(graphOf(wide).seconds).toBeGreaterThan(graphOf(large).seconds);
  expect(graphOf(wide).disk).toBeGreaterThan(graphOf(large).disk);
});

test('texts that are read whole cost more than their beginnings', async () => {
  const path = join(temporaryFolder(), 'long.jsonl');
  const text = TEXTS.join(' ');
  writeFileSync(path, Array.from({ length: 30 }, (_, i) => `${JSON.stringify({ text: `${i} ${text}` })}\n`).join(''));
  const [head, mean] = [await plan(path, { keep: 0.3 }), await plan(path, { keep: 0.3, long: 'mean' })];
  expect(mean.stages[0].seconds).toBeGreaterThan(3 * head.stages[0].seconds);
});

test('prune calls onPlan before any work; the command prints the plan first, unless it is to be quiet', async () => {
  const path = corpus();
  const calls: string[] = [];
  await prune(path, {
    keep: 90,
    runDir: temporaryFolder(),
    onPlan: ({ kept }) => calls.push(`plan ${kept}`),
    onProgress: ({ stage }) => calls.push(stage),
  });
  expect(calls[0]).toBe('plan 90');
  const folder = temporaryFolder();
  const loud = coreset(['prune', path, '--keep', '0.3', '--run-dir', join(folder, 'a')]);
  expect(loud.stderr).toMatch(
    /^plan: about \d+ s \(embed (< )?\d+ s, .*report (< )?\d+ s\), \d+ MB of memory, \d+ [kM]B on disk\n/,
  );
  const quiet = coreset(['prune', path, '--keep', '0.3', '--run-dir', join(folder, 'b'), '--quiet']);
  expect(quiet.stderr).toBe('');
});

test('coreset plan prints a table or JSON, and refuses what prune refuses', async () => {
  const path = corpus();
  const table = coreset(['plan', path, '--keep', '0.3']);
  expect(table.stdout).toMatch(/^keep 90 of 300 rows, method auto\nstage +time +memory +disk\nembed /);
  const json = coreset(['plan', path, '--keep', '0.3', '--json']);
  expect(JSON.parse(json.stdout).stages).toHaveLength(6);
  for (const [args, message] of [
    [[path, '--keep', '1.5'], /keep '1.5'/],
    [[path, '--keep', '0.5', '--k', '0'], /k must be/],
    [[path, '--keep', '0.5', '--threads', '0'], /threads must be/],
    [[path, '--keep', '0.5', '--prototypes', '-1'], /prototypes must be/],
    [['-', '--keep', '0.5'], /name a file/],
  ] as const) {
    const { status, stdout, stderr } = coreset(['plan', ...args]);
    expect(status, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  }
});
