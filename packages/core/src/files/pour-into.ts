import { closeSync, constants, createReadStream, createWriteStream, open, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { WriteTarget } from './write-target.js';

/** Write a complete file into a device, a named pipe or what is open already. */
export async function pourInto(
  target: Exclude<WriteTarget, { kind: 'file' }>,
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isStdout = target.kind === 'descriptor' && target.descriptor === 1;
  const descriptor = target.kind === 'descriptor' ? target.descriptor : await openStream(target.path, signal);
  const sink = isStdout
    ? process.stdout
    : createWriteStream('', { fd: descriptor, autoClose: target.kind === 'stream' });
  try {
    await pipeline(createReadStream(temporary), sink, { end: !isStdout, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

const PATIENCE_MS = 50;
const openFile = promisify(open);

/** Open a pipe or device; a pipe waits for its reader, and can be given up meanwhile. */
async function openStream(path: string, signal: AbortSignal | undefined): Promise<number> {
  if (!statSync(path).isFIFO()) return openFile(path, 'w');
  for (;;) {
    signal?.throwIfAborted();
    const probe = await openIfRead(path);
    if (probe === undefined) await setTimeout(PATIENCE_MS);
    else {
      // With no writer in between the reader would see the end.
      const pipe = await openFile(path, 'w');
      closeSync(probe);
      return pipe;
    }
  }
}

/** A pipe that does not wait; undefined when nothing reads it. */
async function openIfRead(path: string): Promise<number | undefined> {
  try {
    return await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}
