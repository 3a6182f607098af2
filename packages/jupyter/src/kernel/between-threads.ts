import type { Header } from './wire.js';

/** What a client asks of the thread that runs the cells. */
export interface Request {
  id: number;
  header: Header;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
}

/** From the thread with the sockets to the one that runs the cells. */
export type Order =
  | { kind: 'request'; request: Request }
  /** `isTerminated`: the code at work was ended by force, since it did not hear the first order. */
  | { kind: 'interrupt'; isTerminated: boolean }
  | { kind: 'shutdown' };

/** From the thread that runs the cells to the one with the sockets. */
export type Answer =
  | { kind: 'publish'; type: string; parent: Header | undefined; content: unknown }
  | { kind: 'reply'; id: number; content: unknown }
  /** The event loop turns: an interrupt was heard. */
  | { kind: 'heard' }
  /** The process ends: nothing more is said. */
  | { kind: 'close' };

/** What the thread with the sockets is started with. */
export interface ServerData {
  connectionFile: string;
  /** One number in shared memory, which becomes 1 when the sockets are closed. */
  closed: Int32Array;
}
