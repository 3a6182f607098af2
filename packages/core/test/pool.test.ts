import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CoresetError, openPool, type Pool, runBlocks, type TasksOf, type WorkerModule } from '@coreset/core';
import { expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

type Served<Data = object> = WorkerModule<
  Data,
  {
    who(): { thread: number; data: unknown };
    square(task: { n: number }): number;
    refuse(): Error;
    die(): void;
    slow(): Promise<void>;
    close(): void;
  }
>;
const worker = join(temporaryFolder(), 'worker.mjs');
const core = pathToFileURL(join(ROOT, 'packages/core/dist/index.js')).href;
writeFileSync(
  worker,
  `import { threadId } from 'node:worker_threads';
import { CoresetError } from ${JSON.stringify(core)};
export const serve = (data) => ({
  who: () => ({ thread: threadId, data }),
  refuse: () => { throw new CoresetError('row 3 is wrong'); },
  square: ({ n }) => n * n,
  die: () => process.exit(7),
  fill: () => { const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); },
  close: () => { if (data.left) Atomics.add(data.left, 0, 1); },
  slow: async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    Atomics.add(data, 0, 1);
  },
});`,
);

test('tasks run, and a CoresetError comes back as one', async () => {
  const pool = openPool<Served>(pathToFileURL(worker), {}, { threads: 2 });
  expect(await Promise.all([1, 2, 3].map((n) => pool.run('square', { n })))).toEqual([1, 4, 9]);
  const error = await pool.run('refuse').catch((caught: Error) => caught);
  expect(CoresetError.isInstance(error)).toBe(true);
  expect(error.message).toBe('row 3 is wrong');
  await pool.close();
});

test('an abort rejects at once, starts nothing more, and lets a running task come to its end', async () => {
  const controller = new AbortController();
  const finished = new Int32Array(new SharedArrayBuffer(4));
  const pool = openPool<Served>(pathToFileURL(worker), finished, { threads: 1, signal: controller.signal });
  const tasks = [pool.run('slow'), pool.run('slow')];
  setTimeout(() => controller.abort(new Error('enough')), 100);
  const results = await Promise.allSettled(tasks);
  expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual(['enough', 'enough']);
  expect(finished[0]).toBe(0);
  await pool.close();
  expect(finished[0]).toBe(1);
  await expect(pool.run('square', { n: 2 })).rejects.toThrow('enough');
});

test('a pool that is closed early leaves its threads to the next, which gives them its own data', async () => {
  const who = async (data: string): Promise<unknown> => {
    const pool = openPool<Served<string>>(pathToFileURL(worker), data, { threads: 1 });
    const answer = await pool.run('who');
    await pool.close();
    return answer;
  };
  const first = (await who('first')) as { thread: number };
  expect(await who('second')).toEqual({ thread: first.thread, data: 'second' });
});

test('a task of the name close is run when a thread leaves its pool', async () => {
  const left = new Int32Array(new SharedArrayBuffer(4));
  const pool = openPool<Served>(pathToFileURL(worker), { left }, { threads: 2 });
  await Promise.all([pool.run('who'), pool.run('square', { n: 2 })]);
  await pool.close();
  const next = openPool<Served>(pathToFileURL(worker), {}, { threads: 2 });
  await Promise.all([next.run('square', { n: 1 }), next.run('square', { n: 2 })]);
  await next.close();
  expect(left[0]).toBe(2);
});

test('a module that cannot serve fails its tasks, and nothing after them', async () => {
  const broken = join(temporaryFolder(), 'broken.mjs');
  writeFileSync(broken, `export const serve = () => { throw new Error('no such file'); };`);
  const script = `import { openPool } from ${JSON.stringify(core)};
const pool = openPool(new URL(${JSON.stringify(pathToFileURL(broken).href)}), {}, { threads: 1 });
await pool.run('who', {}).catch((error) => console.log(error.message));
await pool.close();
await new Promise((resolve) => setTimeout(resolve, 300));
console.log('after');`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stdout).toMatch(/no such file[\s\S]*\nafter\n$/);
  expect(status).toBe(0);
});

test('kept threads do not hold the process open', () => {
  const script = `import { openPool } from ${JSON.stringify(core)};
const pool = openPool(new URL(${JSON.stringify(pathToFileURL(worker).href)}), 'data', { threads: 2 });
await Promise.all([pool.run('who', {}), pool.run('square', { n: 2 })]);
await pool.close();`;
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});

test('threads started ahead serve the next pool, and end with the process even if their module cannot be loaded', () => {
  const script = `import { openPool, startThreads } from ${JSON.stringify(core)};
startThreads(new URL('file:///nowhere/at-all.js'), 5, { threads: 2 });
const pool = openPool(new URL(${JSON.stringify(pathToFileURL(worker).href)}), 'data', { threads: 2 });
const [, square] = await Promise.all([pool.run('who', {}), pool.run('square', { n: 2 })]);
await pool.close();
console.log(JSON.stringify(square));`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 });
  expect({ status, stdout: String(stdout).trim() }).toEqual({ status: 0, stdout: '4' });
});

test('a task for each thread runs once on every thread that ran any', async () => {
  const finished = new Int32Array(new SharedArrayBuffer(4));
  const pool = openPool<Served>(pathToFileURL(worker), finished, { threads: 4 });
  await Promise.all([pool.run('slow'), pool.run('slow'), pool.run('slow')]);
  await pool.runOnEach('slow');
  expect(finished[0]).toBe(6);
  await expect(pool.runOnEach('refuse')).rejects.toThrow('row 3 is wrong');
  await pool.close();
});

test('a thread that dies fails its task in one line, and the others go on', async () => {
  const pool = openPool<Served>(pathToFileURL(worker), {}, { threads: 2 });
  const [dead, alive] = await Promise.allSettled([pool.run('die'), pool.run('square', { n: 3 })]);
  expect(alive).toEqual({ status: 'fulfilled', value: 9 });
  const reason = (dead as PromiseRejectedResult).reason;
  expect(CoresetError.isInstance(reason)).toBe(true);
  expect(reason.message).toMatch(/^a worker thread ended in the middle of its work \(code 7\)/);
  expect(await pool.run('square', { n: 5 })).toBe(25);
  await pool.close();
});

test('a thread without memory says so', () => {
  const program = `import { openPool } from ${JSON.stringify(core)};
const pool = openPool(new URL(${JSON.stringify(pathToFileURL(worker).href)}), {}, { threads: 1 });
await pool.run('fill', {}).catch((error) => console.log(error.isCoresetError, error.message));`;
  const { stdout } = spawnSync(process.execPath, ['--max-old-space-size=60', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/^true memory ran out \(.*\); use fewer --threads/);
});

test('the compiler knows the tasks and what they take', () => {
  const misuses = (pool: Pool<TasksOf<Served>>): unknown[] => [
    // @ts-expect-error: there is no such task
    () => pool.run('cube', { n: 2 }),
    // @ts-expect-error: the task takes a number
    () => pool.run('square', { n: '2' }),
    // @ts-expect-error: the task takes something
    () => pool.run('square'),
    // @ts-expect-error: no task on blocks
    () => runBlocks(pool, 'square', 1, 1, 'stage', {}),
    // @ts-expect-error: opened with data of another type
    () => openPool<Served<string>>(pathToFileURL(worker), 7),
  ];
  expect(misuses).toBeTypeOf('function');
});
