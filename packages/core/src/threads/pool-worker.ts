// What every worker thread runs: it serves one pool after another, each with a module of its own.
import { parentPort } from 'node:worker_threads';
import { CoresetError, messageOf } from '../errors/error.js';
import { memoryError } from '../errors/memory-error.js';
import type { PoolMessage, Reply, Tasks, WorkerModule } from './pool.js';

const port = parentPort;
if (port === null) throw new Error('this module is for worker threads');

/** The tasks of the pool that has this thread. */
let tasks: Promise<Tasks> | undefined;

async function open(url: string, data: unknown): Promise<Tasks> {
  const module: WorkerModule = await import(url);
  return module.serve(data as never);
}

port.on('message', async (message: PoolMessage) => {
  switch (message.kind) {
    case 'load':
      import(message.url).catch(() => {}); // opening it tells
      break;
    case 'open':
      tasks = open(message.url, message.data);
      tasks.catch(() => {}); // the first task tells
      break;
    case 'run':
      try {
        const served = (await tasks) as Tasks;
        port.postMessage({ result: await served[message.name](message.task as never) } satisfies Reply);
      } catch (error) {
        const known = CoresetError.isInstance(error) ? error : memoryError(error);
        const text = known?.message ?? (error instanceof Error ? error.stack : undefined) ?? messageOf(error);
        port.postMessage({ error: text, isCoresetError: known !== undefined } satisfies Reply);
      }
      break;
    case 'leave':
      tasks?.then(
        (served) => served.close?.(undefined as never),
        () => {},
      );
      tasks = undefined;
      break;
    case 'end':
      port.close();
  }
});
