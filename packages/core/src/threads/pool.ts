import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CoresetError, requireInteger } from '../errors/error.js';
import { memoryError } from '../errors/memory-error.js';
import type { RunOptions } from './progress.js';

/** Consecutive rows, `start` to `end` − 1. */
export interface Block {
  start: number;
  end: number;
}

/** A module whose tasks the threads of a pool run. */
export interface WorkerModule<Data = never, Tasks = object> {
  /**
   * Called once per thread and pool.
   * @param data what the pool was opened with
   * @returns functions of one cloneable argument at most, by name; `close` is called when the thread leaves the pool
   */
  serve(data: Data): Tasks;
}

/** The tasks of a worker module. */
export type TasksOf<Module extends WorkerModule> = ReturnType<Module['serve']>;

type ArgumentOf<Task> = NonNullable<Task> extends (...argument: infer Argument) => unknown ? Argument : never;
type ResultOf<Task> = NonNullable<Task> extends (argument: never) => infer Result ? Awaited<Result> : never;
/** Names of tasks on blocks. */
type BlockTask<Tasks> = {
  [Name in keyof Tasks]-?: NonNullable<Tasks[Name]> extends (block: Block) => unknown ? Name : never;
}[keyof Tasks];

/** Worker threads that run the tasks of one module. */
export interface Pool<Tasks> {
  threads: number;
  /** Run a task on some thread; rejects at once when the signal aborts. */
  run<Name extends keyof Tasks>(name: Name, ...argument: ArgumentOf<Tasks[Name]>): Promise<ResultOf<Tasks[Name]>>;
  /** Run a task on each thread that ran any; to be called when none is running. */
  runOnEach<Name extends keyof Tasks>(name: Name, ...argument: ArgumentOf<Tasks[Name]>): Promise<void>;
  /** Wait for the tasks that are running and end the threads. */
  close(): Promise<void>;
}

/** What a pool tells a thread. */
export type PoolMessage =
  | { kind: 'load'; url: string }
  | { kind: 'open'; url: string; data: unknown }
  | { kind: 'run'; name: string; argument: unknown }
  | { kind: 'leave' }
  | { kind: 'end' };

/** An error loses its class on the way between threads, so a CoresetError is marked. */
export type Reply = { result: unknown } | { error: string; isCoresetError: boolean };

interface Job {
  name: string;
  argument: unknown;
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/** Options of {@link openPool}. */
export interface PoolOptions extends RunOptions {
  /** Whether threads may be kept for the next pool; not where they hold much, such as a model. Default: true. */
  keepThreads?: boolean;
}

/** Threads of pools that are closed, kept for the next: they take some 70 ms to start and as long to get up to speed. */
const spareThreads: Worker[] = [];
/**
 * A pool that was open for longer ends its threads: what a new start costs is then small, and a kept thread holds on
 * to memory of its last work until it gets new.
 */
const KEEP_AFTER_MS = 10_000;

/** More would be a slip, and take all memory. */
const MOST_THREADS = 1024;

/**
 * The number of worker threads that a pool starts at most.
 * @throws CoresetError when `threads` is not a whole number from 1 to 1,024
 */
export function threadsOf({ threads = availableParallelism() }: RunOptions): number {
  requireThreads(threads);
  return threads;
}

/** @throws CoresetError unless it is a whole number from 1 to 1,024 */
export function requireThreads(threads: number, name = 'threads'): void {
  requireInteger(name, threads, 1, MOST_THREADS);
}

/**
 * Open a pool of worker threads on a module. Threads start as they are needed.
 *
 * The usual pool libraries end their threads with `terminate()`, and onnxruntime-node takes the whole
 * process down when a thread ends inside a call. Here a thread always ends by itself, between tasks: an
 * abort rejects what was asked for, starts nothing more, and lets running tasks, which are short, finish.
 *
 * The compiler knows the tasks by the module's type:
 * `openPool<typeof import('./worker.js')>(new URL('./worker.js', import.meta.url), data, options)`.
 *
 * @param workerUrl the compiled worker module
 * @param data handed to every worker once; shared memory in it is not copied
 */
export function openPool<Module extends WorkerModule>(
  workerUrl: URL,
  data: Parameters<Module['serve']>[0],
  options: PoolOptions = {},
): Pool<TasksOf<Module>> {
  const threads = threadsOf(options);
  const { signal, keepThreads = true } = options;
  signal?.throwIfAborted();

  const opened = performance.now();
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  const exits: Promise<void>[] = [];
  let queue: Job[] = [];
  let started = 0;
  let whenQuiet: (() => void) | undefined;

  const settle = (worker: Worker, finish: (job: Job) => void): void => {
    const job = busy.get(worker);
    busy.delete(worker);
    if (job) finish(job);
    if (busy.size === 0) whenQuiet?.();
  };
  const start = (): Worker => {
    const worker = spareThreads.pop() ?? newThread();
    started++;
    worker.ref();
    worker.on('message', (reply: Reply) => {
      idle.push(worker);
      settle(worker, (job) => {
        if ('result' in reply) job.resolve(reply.result);
        else job.reject(reply.isCoresetError ? new CoresetError(reply.error) : new Error(reply.error));
      });
      dispatch();
    });
    exits.push(
      new Promise((resolve) => {
        worker.on('error', (error) => settle(worker, (job) => job.reject(memoryError(error) ?? error)));
        worker.on('exit', (code) => {
          started--;
          forget(idle, worker);
          settle(worker, (job) => job.reject(endedEarly(code)));
          dispatch();
          resolve();
        });
      }),
    );
    tell(worker, { kind: 'open', url: workerUrl.href, data });
    return worker;
  };
  const give = (worker: Worker, job: Job): void => {
    busy.set(worker, job);
    tell(worker, { kind: 'run', name: job.name, argument: job.argument });
  };
  const dispatch = (): void => {
    while (queue.length > 0 && (idle.length > 0 || started < threads)) {
      const job = queue.shift() as Job;
      try {
        give(idle.pop() ?? start(), job);
      } catch (error) {
        job.reject(error); // no thread can be started
      }
    }
  };
  const onAbort = (): void => {
    for (const job of [...queue, ...busy.values()]) job.reject(signal?.reason);
    queue = [];
  };
  signal?.addEventListener('abort', onAbort);

  return {
    threads,
    run: (name, ...[argument]) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        queue.push({ name: String(name), argument, resolve: resolve as (result: unknown) => void, reject });
        dispatch();
      }),
    async runOnEach(name, ...[argument]) {
      signal?.throwIfAborted();
      const all = idle.splice(0);
      await Promise.all(
        all.map(
          (worker) => new Promise((resolve, reject) => give(worker, { name: String(name), argument, resolve, reject })),
        ),
      );
    },
    async close() {
      signal?.removeEventListener('abort', onAbort);
      queue = [];
      if (busy.size > 0) {
        await new Promise<void>((resolve) => {
          whenQuiet = resolve;
        });
      }
      if (keepThreads && performance.now() - opened < KEEP_AFTER_MS) {
        for (const worker of idle) keep(worker);
      } else {
        for (const worker of idle) tell(worker, { kind: 'end' });
        await Promise.all(exits);
      }
    },
  };
}

/**
 * Start threads that the next pool will take, so that they load its module while this thread prepares the pool's data.
 * @param tasks no more threads than these are of use
 */
export function startThreads(workerUrl: URL, tasks: number, options: RunOptions): void {
  const threads = Math.min(tasks, threadsOf(options));
  while (spareThreads.length < threads) {
    const worker = newThread();
    tell(worker, { kind: 'load', url: workerUrl.href });
    keep(worker);
  }
}

function endedEarly(code: number): CoresetError {
  return new CoresetError(
    `a worker thread ended in the middle of its work (code ${code}), as it does when memory runs out; run the same command again, with fewer --threads if it happens again`,
  );
}

/** Without the options of the process: some, such as --input-type of node -e, are not for a file. */
function newThread(): Worker {
  try {
    return new Worker(new URL('./pool-worker.js', import.meta.url), { execArgv: [] });
  } catch (error) {
    throw memoryError(error) ?? error;
  }
}

function tell(worker: Worker, message: PoolMessage): void {
  worker.postMessage(message);
}

function forget(threads: Worker[], gone: Worker): void {
  const at = threads.indexOf(gone);
  if (at >= 0) threads.splice(at, 1);
}

/** Keep an idle thread for the next pool; it does not keep the process from ending. */
function keep(worker: Worker): void {
  tell(worker, { kind: 'leave' });
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
  worker.on('error', () => {}); // whoever takes it next is told that it ended
  worker.once('exit', () => forget(spareThreads, worker));
  worker.unref();
  spareThreads.push(worker);
}

/**
 * Run one task per block of `total` rows on a pool and report progress as blocks finish.
 * The blocks depend on `blockSize` alone, so the number of threads does not change a result.
 */
export async function runBlocks<Tasks, Name extends BlockTask<Tasks>>(
  pool: Pool<Tasks>,
  name: Name,
  total: number,
  blockSize: number,
  stage: string,
  options: RunOptions,
  onResult?: (result: ResultOf<Tasks[Name]>, block: Block) => void,
): Promise<void> {
  let done = 0;
  let next = 0;
  options.onProgress?.({ stage, done, total });
  const drain = async (): Promise<void> => {
    while (next < total) {
      const block = { start: next, end: Math.min(total, next + blockSize) };
      next = block.end;
      const result = await pool.run(name, ...([block] as ArgumentOf<Tasks[Name]>));
      onResult?.(result, block);
      done += block.end - block.start;
      options.onProgress?.({ stage, done, total });
    }
  };
  await Promise.all(Array.from({ length: pool.threads }, drain));
}
