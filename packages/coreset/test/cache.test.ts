import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostics } from '@coreset/core';
import { type PruneOptions, plan, prune, pruneRows } from 'coreset';
import { beforeAll, describe, expect, test } from 'vitest';
import { coreset, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const base = temporaryFolder();
const at = (name: string): string => join(base, name);
const model = join(ROOT, 'models/tiny/mean');
const options = { keep: 30, model, dtype: 'fp32', threads: 1, onBadRow: 'skip' } as const;
const COUNT = 120;
const jsonl = (all: object[]): string => all.map((row) => `${JSON.stringify(row)}\n`).join('');
/** A text is there twice, and a row has nothing to embed. */
const rows = corpusRows(COUNT).map(({ text }, i) => ({ id: `n${i}`, text: i === 5 ? '' : `${i} ${text}` }));
rows[40].text = rows[3].text;
const DISTINCT = COUNT - 2;

beforeAll(() => {
  writeFileSync(at('rows.jsonl'), jsonl(rows));
  writeFileSync(at('changed.jsonl'), jsonl([{ id: 'new', text: 'one that is new' }, ...rows.toReversed()]));
});

interface Ran {
  runDir: string;
  notices: string[];
  diagnostics: Diagnostics;
}

async function run(input: string, more: Partial<PruneOptions>): Promise<Ran> {
  const runDir = more.runDir ?? join(mkdtempSync(at('run ')), 'run');
  const notices: string[] = [];
  let diagnostics: Diagnostics = {};
  await prune(at(input), {
    ...options,
    runDir,
    onNotice: (line) => notices.push(line),
    onDiagnostics: (stage, facts) => {
      if (stage === 'embed') diagnostics = { ...diagnostics, ...facts };
    },
    ...more,
  });
  return { runDir, notices, diagnostics };
}

/** All that a run leaves but its times and diagnostics. */
function left(runDir: string): Record<string, unknown> {
  const files = readdirSync(runDir).filter((name) => name !== 'manifest.json');
  const manifest = JSON.parse(readFileSync(join(runDir, 'manifest.json'), 'utf8'));
  delete manifest.options.runDir;
  for (const stage of Object.values<Record<string, unknown>>(manifest.stages)) {
    delete stage.seconds;
    delete stage.diagnostics;
  }
  return { manifest, ...Object.fromEntries(files.map((name) => [name, readFileSync(join(runDir, name))])) };
}

describe('a run with a cache', () => {
  test('leaves what one without leaves, and the next, in another directory, embeds nothing', async () => {
    const cache = at('cache');
    const without = await run('rows.jsonl', {});
    const first = await run('rows.jsonl', { cache });
    const again = await run('rows.jsonl', { cache, cacheSize: '50MB' });
    const all = left(without.runDir);
    expect(Object.keys(all)).toContain('report.html');
    expect(left(first.runDir)).toEqual(all);
    expect(left(again.runDir)).toEqual(all);
    expect(first.notices).toContain(
      `0 of ${DISTINCT} vectors came from the cache ${cache}, which has ${DISTINCT} more now`,
    );
    expect(again.notices).toContain(`${DISTINCT} of ${DISTINCT} vectors came from the cache ${cache}`);
    expect(again.diagnostics).toMatchObject({ cache, fromCache: DISTINCT, notFromCache: 0 });
    expect(without.diagnostics.fromCache).toBeUndefined();
  });

  test('embeds of another file what is new, beside the vectors of an earlier run, and for other files too', async () => {
    const cache = at('another cache');
    const { runDir } = await run('rows.jsonl', { cache });
    const plain = await run('changed.jsonl', {});
    const changed = await run('changed.jsonl', { cache });
    expect(left(changed.runDir)).toEqual(left(plain.runDir));
    expect(changed.diagnostics).toMatchObject({ fromCache: DISTINCT, notFromCache: 1 });
    const built = await run('changed.jsonl', { cache: at('third cache'), base: runDir });
    expect(built.diagnostics).toMatchObject({ fromCache: 0, notFromCache: 1 });
    const beside = await run('changed.jsonl', { cache: at('third cache'), base: runDir });
    expect(left(beside.runDir)).toEqual(left(built.runDir));
    expect(beside.diagnostics).toMatchObject({ fromCache: 1, notFromCache: 0 });
    writeFileSync(at('few.jsonl'), jsonl(rows.slice(10, 30)));
    const against = await run('changed.jsonl', { cache, against: at('few.jsonl'), againstSimilarity: 1 });
    expect(against.notices).toContain(`--against: 20 of 20 vectors came from the cache ${cache}`);
  });

  test('is planned as such, and a plan writes nothing', async () => {
    const cache = at('planned cache');
    const told = async (
      more: Partial<PruneOptions>,
    ): Promise<[cached: number | undefined, disk: number, text: string]> => {
      const planned = await plan(at('changed.jsonl'), { ...options, runDir: at('nowhere'), ...more });
      const { cached, stages } = planned;
      return [cached, stages.find(({ stage }) => stage === 'embed')?.disk ?? 0, String(stages.length)];
    };
    const [none, whole] = await told({});
    expect(none).toBeUndefined();
    expect((await told({ cache })).slice(0, 2)).toEqual([0, whole]);
    expect(readdirSync(base)).not.toContain('planned cache');
    const { runDir } = await run('rows.jsonl', { cache });
    const [cached, disk] = await told({ cache });
    expect(cached).toBe(COUNT - 1);
    expect(disk / whole).toBeCloseTo(1 / COUNT, 3);
    expect((await told({ cache, base: runDir }))[1]).toBeCloseTo(disk, 6);
    const { stdout } = coreset(
      [
        'plan',
        at('changed.jsonl'),
        '--model',
        model,
        '--dtype',
        'fp32',
        '--on-bad-row',
        'skip',
        '--keep',
        '9',
        '--cache',
        cache,
      ],
      { cwd: base },
    );
    expect(stdout).toContain(`the vectors of ${COUNT - 1} rows are in the cache\n`);
  });

  test('keeps the vectors of rows in memory', async () => {
    const cache = at('cache of rows');
    const notices: string[] = [];
    const items = rows.filter(({ text }) => text !== '');
    const pruned = (more: object): Promise<{ order: Int32Array }> =>
      pruneRows(items, { keep: 20, model, dtype: 'fp32', onNotice: (line: string) => notices.push(line), ...more });
    const { order } = await pruned({});
    expect((await pruned({ cache })).order).toEqual(order);
    expect((await pruned({ cache })).order).toEqual(order);
    const told = `${DISTINCT} vectors came from the cache ${cache}`;
    expect(notices.filter((line) => line.includes('came from'))).toEqual([
      `0 of ${told}, which has ${DISTINCT} more now`,
      `${DISTINCT} of ${told}`,
    ]);
    await expect(pruned({ cache: at('rows.jsonl') })).rejects.toThrow('is a file; name a folder');
  });
});

describe('the command', () => {
  const INPUT = [at('rows.jsonl'), '--model', model, '--dtype', 'fp32', '--on-bad-row', 'skip'];
  const said = (args: string[]): string => {
    const { status, stderr } = coreset(args, { cwd: base });
    return `${status} ${stderr.trim().split('\n').at(-1)}`;
  };

  test.each([
    ['embed', ['--out', 'vectors.npy']],
    ['compare', ['--methods', 'random', '--keep', '9', '--seeds', '1', '--run-dir', 'compared']],
  ])('%s looks for vectors and keeps them', (command, more) => {
    const args = [command, ...INPUT, ...more, '--cache', `cache of ${command}`];
    const lines = (): string => coreset(args, { cwd: mkdtempSync(at('here ')) }).stderr;
    const cache = at(`shared by ${command}`);
    args[args.length - 1] = cache;
    expect(lines()).toContain(`0 of ${DISTINCT} vectors came from the cache ${cache}`);
    expect(lines()).toContain(`${DISTINCT} of ${DISTINCT} vectors came from the cache ${cache}`);
  });

  test('refuses what is no cache in one line, before any work', () => {
    mkdirSync(at('shards'));
    writeFileSync(at('shards/a.jsonl'), jsonl(rows));
    const prune = ['prune', ...INPUT, '--keep', '9', '--run-dir', 'run'];
    const embed = ['embed', ...INPUT, '--out', 'out.npy'];
    const file = at('rows.jsonl');
    expect(said([...prune, '--cache', file])).toBe(
      `2 coreset: the cache ${file} is a file; name a folder, which is made where it is missing`,
    );
    expect(said(['prune', at('nothing.jsonl'), '--keep', '9', '--cache', file])).toContain('is a file; name a folder');
    expect(said([...embed, '--cache', at('shards')])).toBe(
      `2 coreset: the cache ${at('shards')} is no cache of vectors: it holds a.jsonl; name a folder that is new or empty`,
    );
    expect(said([...prune, '--cache', 'run'])).toBe(
      '2 coreset: --cache run is the folder run of this run; name a folder of its own, which runs share',
    );
    expect(said([...prune, '--cache', 'run/cache'])).toMatch(/^2 coreset: --cache run\/cache lies in the folder /);
    const shards = ['prune', at('shards'), ...INPUT.slice(1), '--keep', '9', '--run-dir', 'run'];
    expect(said([...shards, '--cache', at('shards/cache')])).toMatch(/^2 coreset: --cache .* lies in the folder /);
    expect(said([...prune, '--cache', 'c', '--batch-size', '4'])).toMatch(
      /^2 coreset: a batch size \(--batch-size\) of 4 /,
    );
    expect(said([...prune, '--cache', 'c', '--cache-size', 'much'])).toMatch(
      /^2 coreset: cache size \(--cache-size\) 'much' /,
    );
    expect(said([...embed, '--cache-size', '1GB'])).toMatch(/^2 coreset: a cache size \(1GB\) means nothing without/);
    expect(said(['prune', at('rows.jsonl'), '--vector', 'id', '--keep', '9', '--cache', 'c'])).toMatch(
      /^2 coreset: .*--cache means nothing to vectors of your own; leave it out$/,
    );
    expect(readdirSync(base)).not.toContain('run');
    expect(readdirSync(base)).not.toContain('c');
    expect(readdirSync(base)).not.toContain('out.npy');
  });
});
