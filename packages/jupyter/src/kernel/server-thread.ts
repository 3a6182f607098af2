// The sockets, in a thread of their own: an interrupt is heard and output is sent while a cell blocks the main thread.
import { readFileSync } from 'node:fs';
import { Session as Inspector } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import { Publisher, Reply, Router, type Socket } from 'zeromq';
import type { Answer, Order, ServerData } from './between-threads.js';
import { kernelInfo } from './kernel-info.js';
import { signalGroup } from './processes.js';
import { type Header, type Message, type Outgoing, Wire } from './wire.js';

interface Connection {
  transport: string;
  ip: string;
  key: string;
  shell_port: number;
  iopub_port: number;
  control_port: number;
  stdin_port: number;
  hb_port: number;
}

/** Milliseconds for the main thread to hear an interrupt before its child processes, and then its code, are ended. */
const CHILDREN_AFTER = 1000;
const CODE_AFTER = 3000;
/** Milliseconds from a shutdown request until the process is killed if it has not ended; clients kill it after 2500. */
const KILL_AFTER = 2000;

const { connectionFile, closed } = workerData as ServerData;
const main = parentPort!;
const connection = JSON.parse(readFileSync(connectionFile, 'utf8')) as Connection;
const wire = new Wire(connection.key);
const iopub = new Publisher({ linger: 1000 });
const shell = new Router({ linger: 1000 });
const control = new Router({ linger: 1000 });
const stdin = new Router();
const heartbeat = new Reply();

type Sender = Socket & { send(frames: (string | Uint8Array)[]): Promise<void> };

/** A socket refuses to send two messages at once. */
const sending = new Map<Sender, Promise<void>>();
function send(socket: Sender, message: Outgoing): void {
  const frames = wire.write(message);
  const before = sending.get(socket) ?? Promise.resolve();
  // A client that is gone has nobody to be told.
  sending.set(
    socket,
    before.then(() => socket.send(frames)).catch(() => {}),
  );
}

function publish(type: string, parent: Header | undefined, content: unknown): void {
  send(iopub, { identities: [Buffer.from(type)], type, parent, content });
}

function status(state: 'busy' | 'idle', parent: Header): void {
  publish('status', parent, { execution_state: state });
}

/** Requests that the main thread has still to answer. */
const open = new Map<number, { socket: Router; message: Message }>();
let requests = 0;

function answer(socket: Router, { identities, header }: Message, content: unknown): void {
  const type = header.msg_type.replace('_request', '_reply');
  send(socket, { identities, type, parent: header, content });
  status('idle', header);
}

function order(given: Order): void {
  main.postMessage(given);
}

/** Answers that depend on no cell are given here, also while a cell blocks the main thread. */
const ANSWERS: Record<string, (message: Message) => object> = {
  kernel_info_request: kernelInfo,
  comm_info_request: () => ({ status: 'ok', comms: {} }),
  history_request: () => ({ status: 'ok', history: [] }),
  interrupt_request: interrupt,
  shutdown_request: shutdown,
};
const FOR_MAIN = ['execute_request', 'complete_request', 'inspect_request', 'is_complete_request'];

function onMessage(socket: Router, message: Message): void {
  const { header, metadata, content } = message;
  status('busy', header);
  const type = header.msg_type;
  if (Object.hasOwn(ANSWERS, type)) {
    answer(socket, message, ANSWERS[type](message));
  } else if (FOR_MAIN.includes(type)) {
    const id = requests++;
    open.set(id, { socket, message });
    order({ kind: 'request', request: { id, header, metadata, content } });
  } else {
    // Comm messages and the like have no reply.
    status('idle', header);
  }
}

let unheard: NodeJS.Timeout[] = [];

/** Tell the main thread, and use force when it does not hear. */
function interrupt(): object {
  order({ kind: 'interrupt', isTerminated: false });
  if (unheard.length === 0) unheard = forceTimers();
  return { status: 'ok' };
}

function forceTimers(): NodeJS.Timeout[] {
  return [
    setTimeout(() => signalGroup('SIGINT'), CHILDREN_AFTER),
    setTimeout(() => {
      unheard = [];
      terminateCode();
    }, CODE_AFTER),
  ];
}

function heard(): void {
  unheard.forEach(clearTimeout);
  unheard = [];
}

/** End the code that the main thread is running, as the console of a browser does. */
function terminateCode(): void {
  const inspector = new Inspector();
  inspector.connectToMainThread();
  inspector.post('Runtime.terminateExecution', () => {
    inspector.disconnect();
    order({ kind: 'interrupt', isTerminated: true });
  });
}

/** Let the main thread end the process, and kill it when that does not. */
function shutdown({ header, content }: Message): object {
  const reply = { status: 'ok', restart: content.restart === true };
  publish('shutdown_reply', header, reply);
  order({ kind: 'shutdown' });
  setTimeout(() => {
    signalGroup('SIGKILL');
    process.kill(process.pid, 'SIGKILL');
  }, KILL_AFTER);
  return reply;
}

/** zeromq takes the process down with noise when it ends while sockets are open. */
async function close(): Promise<void> {
  await Promise.all(sending.values());
  for (const socket of [iopub, shell, control, stdin, heartbeat]) socket.close();
  Atomics.store(closed, 0, 1);
  Atomics.notify(closed, 0);
}

/** A kernel whose Jupyter was killed would stay for ever. */
function endWithParent(): void {
  const parent = process.ppid;
  if (Number(process.env.JPY_PARENT_PID) !== parent) return;
  setInterval(() => {
    if (process.ppid !== parent) order({ kind: 'shutdown' });
  }, 1000).unref();
}

async function listen(socket: Router): Promise<void> {
  for await (const frames of socket) {
    const message = wire.read(frames);
    if (message !== undefined) onMessage(socket, message);
  }
}

async function beat(): Promise<void> {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

main.on('message', (given: Answer) => {
  if (given.kind === 'publish') publish(given.type, given.parent, given.content);
  else if (given.kind === 'heard') heard();
  else if (given.kind === 'close') void close();
  else {
    const asked = open.get(given.id);
    open.delete(given.id);
    if (asked !== undefined) answer(asked.socket, asked.message, given.content);
  }
});

const { transport, ip } = connection;
const address = (port: number): string => `${transport}://${ip}${transport === 'tcp' ? ':' : '-'}${port}`;
await Promise.all([
  iopub.bind(address(connection.iopub_port)),
  shell.bind(address(connection.shell_port)),
  control.bind(address(connection.control_port)),
  stdin.bind(address(connection.stdin_port)),
  heartbeat.bind(address(connection.hb_port)),
]);
publish('status', undefined, { execution_state: 'starting' });
endWithParent();
await Promise.all([listen(shell), listen(control), beat()]);
