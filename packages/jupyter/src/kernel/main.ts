// The kernel, as Jupyter starts it: node main.js --packages FOLDER CONNECTION_FILE
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Answer, Order, ServerData } from './between-threads.js';
import { folderAtStart } from './notebook-folder.js';
import { Output, redirectStreams } from './output.js';
import { endChildren } from './processes.js';
import { Session } from './session.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { packages: { type: 'string', default: process.cwd() } },
});
const closed = new Int32Array(new SharedArrayBuffer(4));
const workerData: ServerData = { connectionFile: resolve(positionals[0]), closed };
const server = new Worker(new URL('server-thread.js', import.meta.url), { workerData });
const tell = (answer: Answer): void => server.postMessage(answer);
const output = new Output(tell);
const place = { folder: folderAtStart(process.env, process.cwd()), packages: values.packages };
const session = new Session(place, output, tell);

async function end(): Promise<void> {
  await session.close();
  await endChildren();
  process.exit(0);
}

server.on('message', (order: Order) => {
  if (order.kind === 'request') session.ask(order.request);
  else if (order.kind === 'shutdown') void end();
  else {
    tell({ kind: 'heard' });
    session.interrupt(order.isTerminated);
  }
});
server.on('error', (error) => {
  process.stderr.write(`the sockets of the kernel failed: ${error.stack}\n`);
  process.exit(1);
});
redirectStreams(output);
// However the process ends, also by a cell.
process.on('exit', () => {
  output.flush();
  tell({ kind: 'close' });
  Atomics.wait(closed, 0, 0, 1000);
});
process.on('SIGINT', () => session.interrupt(false));
process.on('SIGTERM', () => void end());
process.on('uncaughtException', (error) => session.stray(error));
process.on('unhandledRejection', (reason) => session.stray(reason));
session.warm();
