import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CoresetError, messageOf } from './error.js';

/** Where an atomic write puts its bytes. */
export interface Sink {
  write(bytes: Uint8Array | string): void;
}

/** A sink in which bytes that are already written can be replaced, such as a header that counts what follows. */
export interface AtomicSink extends Sink {
  overwrite(bytes: Uint8Array, position: number): void;
}

const BUFFER_BYTES = 1 << 20;
const MAX_WRITE_BYTES = 1 << 30;

/** Write all bytes, from `position` of the file on or where the last write ended: a full disk takes only some at first. */
export function writeFully(descriptor: number, bytes: Uint8Array, position?: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = Math.min(MAX_WRITE_BYTES, bytes.length - done);
    done += writeSync(descriptor, bytes, done, count, position === undefined ? undefined : position + done);
  }
}

/** One clear line for what the file system said. */
export function fileError(action: string, path: string, error: unknown): CoresetError {
  if (CoresetError.isInstance(error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the disk; free some and run the same command again',
    EDQUOT: 'the disk quota is used up; free some space and run the same command again',
    EFBIG: 'the file would be larger than the file system or a limit of this process allows',
    EISDIR: 'it is a folder, a file is needed',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EEXIST: 'a file of that name is in the way',
    EMFILE: 'too many open files',
  };
  return new CoresetError(`cannot ${action} ${path}: ${(code && reasons[code]) ?? messageOf(error)}`, { cause: error });
}

/**
 * The file that a path names, behind links.
 * @throws CoresetError when a device or pipe is there, in whose place a renamed file would come
 */
function targetOf(path: string): string {
  if (!existsSync(path)) return path;
  const status = statSync(path);
  if (status.isDirectory()) return path;
  if (!status.isFile()) throw new CoresetError(`cannot write ${path}: it is no regular file`);
  return realpathSync(path);
}

/**
 * Say before long work whether its result can be written at all; nothing is written yet.
 * @throws CoresetError when the path is a folder, or its folder is none, cannot be made, or is not writable
 */
export function requireWritable(path: string): void {
  let folder = dirname(resolve(targetOf(path)));
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new CoresetError(`cannot write ${path}: ${folder} is no folder`);
  if (existsSync(path) && statSync(path).isDirectory())
    throw new CoresetError(`cannot write ${path}: it is a folder, a file is needed`);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/**
 * Write a file so that it appears whole or not at all: bytes go to a temporary file beside it, which is
 * synced and renamed when `produce` returns, and removed when it throws.
 * @throws CoresetError when the file system refuses
 */
export async function writeAtomic(path: string, produce: (sink: AtomicSink) => void | Promise<void>): Promise<void> {
  let target: string;
  let temporary: string;
  let descriptor: number;
  try {
    target = targetOf(path);
    // Not the number of the process, which is the same in many a container.
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    mkdirSync(dirname(target), { recursive: true });
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
    closeSync(descriptor);
    open = false;
    renameSync(temporary, target);
  } catch (error) {
    if (open) closeSync(descriptor);
    rmSync(temporary, { force: true });
    throw isSystemError(error) ? fileError('write', path, error) : error;
  }
}

/** Write a whole file atomically. */
export function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  return writeAtomic(path, (sink) => sink.write(bytes));
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
