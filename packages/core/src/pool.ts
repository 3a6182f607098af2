import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { CoresetError, messageOf, requireInteger } from './error.js';
import type { RunOptions } from './progress.js';

/** Worker threads that run the tasks served by one module. */
export interface Pool {
  threads: number;
  /** Run the task served as `name` with a structured-cloneable `task`; rejects at once when the signal aborts. */
  run<Result>(name: string, task: unknown): Promise<Result>;
  /** Wait for the tasks that are running and end the threads. */
  close(): Promise<void>;
}

interface Request {
  name: string;
  task: unknown;
}

/** An error loses its class on the way between threads, so a CoresetError is marked. */
type Reply = { result: unknown } | { error: string; isCoresetError: boolean };

const CLOSE = 'close';

/** What a worker can do, by task name. */
export type Tasks = Record<string, (task: never) => unknown>;

/** Serve tasks to the thread that opened the pool; a worker module calls this once. */
export function serveTasks(tasks: Tasks): void {
  const port = parentPort;
  if (port === null) throw new Error('serveTasks is for worker threads');
  port.on('message', async (request: Request | typeof CLOSE) => {
    if (request === CLOSE) {
      port.close();
      return;
    }
    try {
      port.postMessage({ result: await tasks[request.name](request.task as never) } satisfies Reply);
    } catch (error) {
      const isCoresetError = CoresetError.isInstance(error);
      const text = isCoresetError || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
      port.postMessage({ error: text, isCoresetError } satisfies Reply);
    }
  });
}

interface Job extends Request {
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/**
 * The number of worker threads that a pool starts at most.
 * @throws CoresetError when `threads` is not a whole number above 0
 */
export function threadsOf({ threads = availableParallelism() }: RunOptions): number {
  requireInteger('threads', threads, 1);
  return threads;
}

/**
 * Open a pool of worker threads on a module that calls {@link serveTasks}. Threads start as they are needed.
 *
 * The usual pool libraries end their threads with `terminate()`, and onnxruntime-node takes the whole
 * process down when a thread ends inside a call. Here a thread always ends by itself, between tasks: an
 * abort rejects what was asked for, starts nothing more, and lets running tasks, which are short, finish.
 *
 * @param workerUrl the compiled worker module, usually `new URL('./x-worker.js', import.meta.url)`
 * @param workerData handed to every worker once; shared memory in it is not copied
 */
export function openPool(workerUrl: URL, workerData: unknown, options: RunOptions = {}): Pool {
  const threads = threadsOf(options);
  const { signal } = options;
  signal?.throwIfAborted();

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
    started++;
    const worker = new Worker(workerUrl, { workerData });
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
        worker.on('error', (error) => settle(worker, (job) => job.reject(error)));
        worker.on('exit', () => {
          settle(worker, (job) => job.reject(new Error('a worker thread ended in the middle of its work')));
          resolve();
        });
      }),
    );
    return worker;
  };
  const dispatch = (): void => {
    while (queue.length > 0 && (idle.length > 0 || started < threads)) {
      const worker = idle.pop() ?? start();
      const job = queue.shift() as Job;
      busy.set(worker, job);
      worker.postMessage({ name: job.name, task: job.task } satisfies Request);
    }
  };
  const onAbort = (): void => {
    for (const job of [...queue, ...busy.values()]) job.reject(signal?.reason);
    queue = [];
  };
  signal?.addEventListener('abort', onAbort);

  return {
    threads,
    run: (name, task) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        queue.push({ name, task, resolve: resolve as (result: unknown) => void, reject });
        dispatch();
      }),
    async close() {
      signal?.removeEventListener('abort', onAbort);
      queue = [];
      if (busy.size > 0) {
        await new Promise<void>((resolve) => {
          whenQuiet = resolve;
        });
      }
      for (const worker of idle) worker.postMessage(CLOSE);
      await Promise.all(exits);
    },
  };
}

/**
 * Run one task per block of `total` items on a pool and report progress as blocks finish.
 * The blocks depend on `blockSize` alone, so the number of threads does not change a result.
 */
export async function runBlocks(
  pool: Pool,
  name: string,
  total: number,
  blockSize: number,
  stage: string,
  options: RunOptions,
  onResult?: (result: unknown, start: number, end: number) => void,
): Promise<void> {
  let done = 0;
  let next = 0;
  options.onProgress?.({ stage, done, total });
  const drain = async (): Promise<void> => {
    while (next < total) {
      const start = next;
      const end = Math.min(total, start + blockSize);
      next = end;
      const result = await pool.run(name, { start, end });
      onResult?.(result, start, end);
      done += end - start;
      options.onProgress?.({ stage, done, total });
    }
  };
  await Promise.all(Array.from({ length: pool.threads }, drain));
}
