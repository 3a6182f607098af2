// What every worker thread runs: it serves one pool after another, each with a module of its own.
import { parentPort } from 'node:worker_threads';
import { CoresetError, messageOf } from '../errors/error.js';
import { memoryError } from '../errors/memory-error.js';
import type { PoolMessage, Reply, WorkerModule } from './pool.js';

// The compiler checked names and arguments where the pool was opened.
type Tasks = Record<string, (argument: unknown) => unknown>;

const port = parentPort;
if (port === null) throw new Error('this module is for worker threads');

/** The tasks of the pool that has this thread. */
let tasks: Promise<Tasks> | undefined;

async function open(url: string, data: unknown): Promise<Tasks> {
  const module: WorkerModule<unknown, Tasks> = await import(url);
  return module.serve(data);
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
        port.postMessage({ result: await served[message.name](message.argument) } satisfies Reply);
      } catch (error) {
        const known = CoresetError.isInstance(error) ? error : memoryError(error);
        const text = known?.message ?? (error instanceof Error ? error.stack : undefined) ?? messageOf(error);
        port.postMessage({ error: text, isCoresetError: known !== undefined } satisfies Reply);
      }
      break;
    case 'leave':
      tasks?.then(
        (served) => served.close?.(undefined),
        () => {},
      );
      tasks = undefined;
      break;
    case 'end':
      port.close();
  }
});
