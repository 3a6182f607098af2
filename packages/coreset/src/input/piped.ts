import { createReadStream, fstatSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { CoresetError } from '@coreset/core';

/**
 * What comes through a descriptor of this process. A pipe is not read by a thread: one that waits for a writer would keep the
 * process from ending.
 * @throws the reason of the signal when it aborts
 */
export async function* readPiped(
  descriptor: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  signal?.throwIfAborted();
  const status = fstatSync(descriptor);
  const source =
    status.isFIFO() || status.isSocket()
      ? new Socket({ fd: descriptor, readable: true, writable: false })
      : createReadStream('', { fd: descriptor, autoClose: false });
  const stop = (): unknown => source.destroy(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Find out without opening it whether a file can be read at once: a FIFO without a writer would be waited for, for ever.
 * @throws CoresetError for what is there and no regular file, such as a FIFO
 */
export function requireNoPipe(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || status.isFile() || status.isDirectory()) return;
  throw new CoresetError(`${path} is no regular file; write what comes through it to a file first`);
}
