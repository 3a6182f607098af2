import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addCosts, type Cost, costOf, writeNpy } from '@coreset/core';
import { METHODS, type MethodName, type SelectWorkload } from '@coreset/selector';
import { type Plan, type PruneOptions, plan, prune } from 'coreset';
import { describe, expect, test } from 'vitest';
import { clusteredMatrix, coreset, corpusRows, temporaryFolder } from '../../../test/support.ts';

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
    expect(disk, stage).toBeGreaterThan(small.stages[i].disk);
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
  expect(JSON.parse(json.stdout).stages).toHaveLength(7);
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

const rowsOf = (texts: string[]): string => texts.map((text) => `${JSON.stringify({ text })}\n`).join('');
const secondsOf = ({ codes, parallel, serial }: Cost): number => codes + parallel + serial;
const stageOf = ({ stages }: Plan, name: string): Plan['stages'][number] =>
  stages.find(({ stage }) => stage === name) as Plan['stages'][number];
const reusedOf = ({ stages }: Plan): string[] => stages.filter(({ reused }) => reused).map(({ stage }) => stage);

test('costs add up, but of memory the most counts', () => {
  const sum = addCosts(costOf({ codes: 1, memory: 5 }), costOf({ codes: 2, parallel: 3, memory: 4, disk: 7 }));
  expect(sum).toEqual({ codes: 3, parallel: 3, serial: 0, memory: 5, disk: 7 });
});

describe('the cost of each method grows as its work does', () => {
  const WORKLOAD: SelectWorkload = { rows: 400_000, cols: 256, k: 16, budget: 100_000 };
  /** What the time is multiplied by when a part of the workload is doubled, at least and at most. */
  const FACTORS: Record<MethodName, Record<keyof SelectWorkload, [number, number]>> = {
    auto: { rows: [1.9, 2.1], cols: [1, 1], k: [1.9, 2.1], budget: [1, 1.2] },
    d2: { rows: [1.6, 2.1], cols: [1, 1], k: [1.9, 2.1], budget: [1.1, 1.4] },
    uniform: { rows: [1.6, 2.1], cols: [1, 1], k: [1.9, 2.1], budget: [1.1, 1.4] },
    'd2-per-class': { rows: [2, 2.2], cols: [1, 1], k: [1.6, 2], budget: [1, 1] },
    'd2-cutoff': { rows: [2, 2.2], cols: [1, 1], k: [1.6, 2], budget: [1, 1] },
    random: { rows: [2, 2], cols: [1, 1], k: [1, 1], budget: [1, 1] },
    moderate: { rows: [2, 2.2], cols: [1, 1], k: [1, 1], budget: [1, 1] },
    'prototypes-hard': { rows: [2, 2.2], cols: [1, 1], k: [1, 1], budget: [1, 1] },
    'prototypes-easy': { rows: [2, 2.2], cols: [1, 1], k: [1, 1], budget: [1, 1] },
    ccs: { rows: [2, 2.2], cols: [1, 1], k: [1, 1], budget: [1, 1] },
    semdedup: { rows: [2, 2.2], cols: [1, 1], k: [1.1, 1.4], budget: [1, 1] },
    'graph-cut': { rows: [2, 2], cols: [1.9, 2], k: [1, 1], budget: [1.95, 2] },
    'k-center': { rows: [2, 2], cols: [1.9, 2], k: [1, 1], budget: [1.95, 2] },
    'facility-location': { rows: [3.3, 4], cols: [1.8, 2], k: [1, 1], budget: [1.15, 1.4] },
    herding: { rows: [1.2, 1.4], cols: [1, 1], k: [1.8, 2], budget: [1.7, 1.9] },
    hierarchical: { rows: [1.9, 2.2], cols: [1.7, 2], k: [1, 1], budget: [1, 1] },
    density: { rows: [1.9, 2.2], cols: [1.7, 2], k: [1, 1], budget: [1, 1] },
    toward: { rows: [1.9, 2.2], cols: [1.7, 2], k: [1, 1], budget: [1, 1] },
    subzero: { rows: [1.3, 1.5], cols: [1.05, 1.2], k: [1.7, 1.9], budget: [1.5, 1.7] },
  };
  test.each(Object.keys(METHODS) as MethodName[])('%s', (name) => {
    const of = (workload: SelectWorkload): number => secondsOf(METHODS[name].cost(workload));
    expect(of({ rows: 1, cols: 0, k: 0, budget: 1 })).toBeGreaterThan(0);
    expect(METHODS[name].cost(WORKLOAD).memory).toBeGreaterThan(0);
    for (const [part, [least, most]] of Object.entries(FACTORS[name]) as [keyof SelectWorkload, [number, number]][]) {
      const factor = of({ ...WORKLOAD, [part]: 2 * WORKLOAD[part] }) / of(WORKLOAD);
      expect(factor, part).toBeGreaterThanOrEqual(least - 1e-9);
      expect(factor, part).toBeLessThanOrEqual(most + 1e-9);
    }
  });
});

test('what the model does not read of a text costs nothing, however long the others are', async () => {
  const folder = temporaryFolder();
  const planned = async (longest: number, options: Partial<PruneOptions> = {}): Promise<number> => {
    const path = join(folder, `${longest}.jsonl`);
    writeFileSync(path, rowsOf([...TEXTS, 'words '.repeat(longest / 6)]));
    return stageOf(await plan(path, { keep: 0.3, ...options }), 'embed').seconds;
  };
  const cut = await planned(3_000);
  expect(await planned(600_000)).toBeCloseTo(cut, 8);
  expect(await planned(600)).toBeLessThan(cut);
  expect(await planned(600, { maxTokens: 32 })).toBeLessThan(await planned(600));
  expect(await planned(600_000, { long: 'mean' })).toBeGreaterThan(10 * cut);
});

test('stages that have no work to do are planned as such: those that the run then uses again', async () => {
  const path = corpus();
  const labels = join(temporaryFolder(), 'labels.npy');
  await writeNpy(
    labels,
    Int32Array.from(TEXTS, (_, row) => row % 3),
  );
  const runDir = join(temporaryFolder(), 'run');
  const first: PruneOptions = { keep: 0.3, runDir };
  expect(reusedOf(await plan(path, first))).toEqual([]);
  await prune(path, first);
  const files = (): string[] => readdirSync(runDir).map((name) => `${name} ${statSync(join(runDir, name)).mtimeMs}`);
  const before = files();
  const again = await plan(path, first);
  expect(files()).toEqual(before);
  expect(reusedOf(again)).toEqual(['embed', 'difficulty', 'graph', 'select', 'map']);
  for (const { stage, reused, seconds, disk } of again.stages) {
    if (reused) expect([seconds, disk], stage).toEqual([0, 0]);
    else expect(seconds, stage).toBeGreaterThan(0);
  }
  expect(again.seconds).toBeCloseTo(stageOf(again, 'write').seconds + stageOf(again, 'report').seconds, 8);
  const damage = (name: string) => (): void => appendFileSync(join(runDir, name), 'x');
  /** `bySameBytes`: what turns out to be as before when it is made again is known only then. */
  const changes: [planned: string[], change: Partial<PruneOptions> | (() => void), bySameBytes?: string[]][] = [
    [['embed', 'difficulty', 'graph', 'map'], { keep: 0.2 }],
    [['embed', 'difficulty'], { keep: 0.2, k: 5 }],
    [['embed', 'graph', 'map'], { keep: 0.2, k: 5, prototypes: 7 }],
    [['embed', 'difficulty', 'graph', 'map'], { keep: 0.2, k: 5, prototypes: 7, method: 'd2-per-class', labels }],
    [[], { maxTokens: 16 }],
    [['embed', 'graph', 'map'], damage('difficulty.npy'), ['select']],
    [[], damage('embeddings.npy'), ['difficulty', 'graph', 'select', 'map']],
    [[], () => writeFileSync(path, `${TEXTS.slice(1).join('\n')}\n`)],
  ];
  let options = first;
  for (const [expected, change, bySameBytes = []] of changes) {
    if (typeof change === 'function') change();
    else options = { ...first, ...change };
    const planned = reusedOf(await plan(path, options));
    expect(planned, JSON.stringify(change)).toEqual(expected);
    expect((await prune(path, options)).reused.sort()).toEqual([...planned, ...bySameBytes].sort());
  }
  const table = coreset(['plan', path, '--keep', '0.3', '--max-tokens', '16', '--run-dir', runDir]).stdout;
  expect(table).toMatch(
    /\nembed +reused .*\ndifficulty +reused .*\ngraph +reused .*\nselect +reused .*\nmap +reused .*\nwrite +< 1 s /,
  );
  const { stderr } = coreset(['prune', path, '--keep', '0.2', '--max-tokens', '16', '--run-dir', runDir]);
  expect(stderr).toMatch(/^plan: about .* \(embed reused, difficulty reused, graph reused, select < 1 s, /);
});

test('rows that a run embedded before it was stopped are not counted again', async () => {
  const path = join(temporaryFolder(), 'rows.jsonl');
  writeFileSync(path, rowsOf(corpusRows(3000).map(({ text }, row) => `${row} ${text}`)));
  const options = { keep: 0.3, runDir: join(temporaryFolder(), 'run') };
  const whole = stageOf(await plan(path, options), 'embed');
  const controller = new AbortController();
  const stopped = prune(path, {
    ...options,
    signal: controller.signal,
    onProgress: ({ stage, done }) => {
      if (stage === 'embed' && done > 2100) controller.abort(new Error('stopped'));
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  const rest = stageOf(await plan(path, options), 'embed');
  expect(rest.reused).toBeUndefined();
  expect(rest.disk).toBeCloseTo((whole.disk * (3000 - 2048)) / 3000, 0);
  expect(rest.seconds).toBeLessThan(0.7 * whole.seconds);
});

test('vectors in a column have their stage, and scores that are there cost next to nothing', async () => {
  const { data, cols } = clusteredMatrix(2000, 16);
  const rows = Array.from({ length: 2000 }, (_, row) => ({
    vector: Array.from(data.subarray(row * cols, (row + 1) * cols)),
    score: row,
  }));
  const path = join(temporaryFolder(), 'vectors.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const options = { keep: 0.3, vector: 'vector', runDir: join(temporaryFolder(), 'run') };
  const planned = await plan(path, options);
  const { seconds } = await prune(path, options);
  expect(planned.stages.map(({ stage }) => stage)).toEqual(Object.keys(seconds));
  const brought = await plan(path, { ...options, scores: 'score' });
  expect(stageOf(brought, 'difficulty').seconds).toBeLessThan(0.1 * stageOf(planned, 'difficulty').seconds);
});
