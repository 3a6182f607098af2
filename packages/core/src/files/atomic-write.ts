import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, isSystemError } from './file-error.js';
import { pourInto } from './pour-into.js';
import { putInPlace, temporaryFor } from './put-in-place.js';
import { writeFully } from './write-fully.js';
import { targetOf, type WriteTarget } from './write-target.js';

/** Where an atomic write puts its bytes. */
export interface Sink {
  write(bytes: Uint8Array | string): void;
}

/** A sink in which bytes that are already written can be replaced, such as a header that counts what follows. */
export interface AtomicSink extends Sink {
  overwrite(bytes: Uint8Array, position: number): void;
}

const BUFFER_BYTES = 1 << 20;

/**
 * Write a file so that it appears whole or not at all: bytes go to a temporary file beside it, which is
 * synced and takes its place when `produce` returns, and is removed when it throws. Links, modes, mounted files, devices
 * and pipes are written as by `cp`.
 * @param signal gives up waiting for the reader of a pipe
 * @throws CoresetError when the file system refuses
 */
export async function writeAtomic(
  path: string,
  produce: (sink: AtomicSink) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let target: WriteTarget;
  let temporary: string;
  let descriptor: number;
  try {
    target = targetOf(path);
    if (target.kind === 'file') mkdirSync(dirname(target.path), { recursive: true });
    temporary = temporaryFor(target);
    descriptor = openSync(temporary, 'wx');
  } catch (error) {
    throw fileError('write', path, error);
  }
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let used = 0;
  const flush = (): void => {
    writeFully(descriptor, buffer.subarray(0, used));
    used = 0;
  };
  const sink: AtomicSink = {
    overwrite(bytes, position) {
      flush();
      writeFully(descriptor, bytes, position);
    },
    write(bytes) {
      const chunk = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      if (used + chunk.length > BUFFER_BYTES) flush();
      if (chunk.length > BUFFER_BYTES) writeFully(descriptor, chunk);
      else {
        buffer.set(chunk, used);
        used += chunk.length;
      }
    },
  };
  let open = true;
  try {
    await produce(sink);
    flush();
    fsyncSync(descriptor);
    open = false;
    closeSync(descriptor);
    if (target.kind === 'file') putInPlace(temporary, target.path);
    else await pourInto(target, temporary, signal);
  } catch (error) {
    if (open) closeSync(descriptor);
    throw isSystemError(error) ? fileError('write', path, error) : error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Write a whole file atomically. */
export function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  return writeAtomic(path, (sink) => sink.write(bytes));
}
