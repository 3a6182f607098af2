import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Block, openPool, type Progress, runBlocks, type WorkerModule } from '@coreset/core';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';

type Served = WorkerModule<
  undefined,
  Record<'exit' | 'fail' | 'wrong' | 'text', () => void> & {
    who(): number;
    block(block: Block): Promise<[number, number]>;
  }
>;
const worker = pathToFileURL(join(temporaryFolder(), 'worker.mjs'));
writeFileSync(
  worker,
  `import { threadId } from 'node:worker_threads';
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const serve = (data) => ({
  exit: () => { process.exit(0); },
  fail: async () => { setTimeout(() => { throw new Error('thrown outside of a task'); }); await later(60_000); },
  wrong: () => { throw new TypeError('a defect'); },
  text: () => { throw 'not even an error'; },
  who: () => threadId,
  block: async ({ start, end }) => { await later((start * 7) % 5); return [start, end]; },
});`,
);

test('a thread that ends fails its task; those that wait go to another', async () => {
  const pool = openPool<Served>(worker, undefined, { threads: 1 });
  const results = await Promise.allSettled((['who', 'exit', 'who'] as const).map((task) => pool.run(task)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({
    reason: { message: expect.stringMatching(/^a worker thread ended in the middle of its work/) },
  });
  await pool.close();
});

test('what is thrown outside of a task fails the one that runs', async () => {
  const pool = openPool<Served>(worker, undefined, { threads: 1 });
  await expect(pool.run('fail')).rejects.toThrow('thrown outside of a task');
  expect(await pool.run('who')).toBeGreaterThan(0);
  await pool.close();
});

test('a defect comes back with where it was; whatever else is thrown as text', async () => {
  const pool = openPool<Served>(worker, undefined, { threads: 1 });
  await expect(pool.run('wrong')).rejects.toThrow(/TypeError: a defect\n {4}at .*worker\.mjs/);
  await expect(pool.run('text')).rejects.toThrow(/^not even an error$/);
  await pool.close();
});

test('threads that are not to be kept end with their pool', async () => {
  const who = async (): Promise<number> => {
    const pool = openPool<Served>(worker, undefined, { threads: 1, keepThreads: false });
    const thread = await pool.run('who');
    await pool.close();
    return thread;
  };
  expect(await who()).not.toBe(await who());
});

test('a pool of an aborted signal does not open', () => {
  expect(() => openPool<Served>(worker, undefined, { signal: AbortSignal.abort(new Error('enough')) })).toThrow(
    'enough',
  );
});

test('as many threads as there are tasks, at most those asked for', async () => {
  for (const [threads, tasks, used] of [
    [3, 2, 2],
    [2, 6, 2],
  ]) {
    const pool = openPool<Served>(worker, undefined, { threads });
    expect(pool.threads).toBe(threads);
    const seen = new Set<unknown>();
    const each = Array.from({ length: tasks }, (_, start) => pool.run('block', { start, end: start }));
    await Promise.all(each);
    await pool.runOnEach('who');
    for (let n = 0; n < 20; n++) seen.add(await pool.run('who'));
    expect(seen.size).toBeLessThanOrEqual(used);
    await pool.close();
  }
});

test('blocks cover all items once, their results come with their range, and progress reaches the total', async () => {
  const pool = openPool<Served>(worker, undefined, { threads: 3 });
  for (const [total, size] of [
    [10, 4],
    [8, 4],
    [1, 4],
    [0, 4],
  ]) {
    const progress: Progress[] = [];
    const results: unknown[] = [];
    const ranges: [number, number][] = [];
    const onProgress = (at: Progress): void => void progress.push(at);
    await runBlocks(pool, 'block', total, size, 'stage', { onProgress }, (result, { start, end }) => {
      results.push(result);
      ranges.push([start, end]);
    });
    const expected: [number, number][] = [];
    for (let start = 0; start < total; start += size) expected.push([start, Math.min(total, start + size)]);
    const byStart = (a: [number, number], b: [number, number]): number => a[0] - b[0];
    expect(results).toEqual(ranges);
    expect(ranges.sort(byStart)).toEqual(expected);
    expect(progress.length).toBe(1 + expected.length);
    expect(progress[0]).toEqual({ stage: 'stage', done: 0, total });
    expect(progress.at(-1)).toEqual({ stage: 'stage', done: total, total });
    for (let p = 1; p < progress.length; p++) expect(progress[p].done).toBeGreaterThan(progress[p - 1].done);
  }
  await pool.close();
});
