import { closeSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { CoresetError, fileError, writeFully } from '@coreset/core';
import { isHeld, type LockedFile, openLocked } from './file-lock.js';

/** What a lock file says of its holder. */
interface Holder {
  /** Marks the file as a lock of ours. */
  coreset: 'run';
  process: number;
  host: string;
  since: string;
}

/** Content of a lock of ours: an earlier version wrote the number of its process alone. Other files are not ours to change. */
const OURS = /^(\d*$|\{"coreset":)/;
const MAX_HOLDER_BYTES = 1024;

/** A run directory that this process has for itself. */
export interface RunLock {
  isHeld(): boolean;
  /** @throws CoresetError where the lock was removed, and another run may be at work in the directory */
  requireHeld(): void;
  release(): void;
}

/**
 * Take a run directory for this process, see {@link openLocked}.
 * @param path the lock, a file inside the directory that says who holds it
 * @throws CoresetError when a run is at work there, here or on another machine, or the file cannot be written
 */
export function lockRun(path: string): RunLock {
  const file = openLocked(path);
  if (file === undefined) {
    const [process, since] = describe(readHolder(path));
    throw new CoresetError(
      `${path}: another run${process} is at work in this run directory${since}; wait for it or use another --run-dir`,
    );
  }
  let content: string;
  try {
    content = textOf(file.descriptor);
  } catch (error) {
    closeSync(file.descriptor);
    throw fileError('read', path, error);
  }
  if (file.lock === 'unknown' && !file.isNew) {
    closeSync(file.descriptor);
    const [process, since] = describe(content);
    throw new CoresetError(
      `${path}: another run${process} took this run directory${since}, and the file system keeps no locks that tell whether it is still at work; if not, delete ${path}, else wait for it or use another --run-dir`,
    );
  }
  const isOurs = OURS.test(content);
  const lock: RunLock = {
    isHeld: () => isHeld(file),
    requireHeld() {
      if (!isHeld(file))
        throw new CoresetError(
          `${path}: the lock of this run was removed, so another run may be at work in ${dirname(path)}; run the same command again`,
        );
    },
    release() {
      try {
        // While it is still locked: a moment later it may be another run's.
        if (isOurs && isHeld(file)) rmSync(path, { force: true });
      } catch {
        // It may stay: the lock is the kernel's.
      } finally {
        closeSync(file.descriptor);
      }
    },
  };
  if (isOurs) sign(lock, file);
  return lock;
}

/** Write who holds the lock. */
function sign(lock: RunLock, { path, descriptor }: LockedFile): void {
  const holder: Holder = {
    coreset: 'run',
    process: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
  };
  try {
    ftruncateSync(descriptor);
    writeFully(descriptor, Buffer.from(`${JSON.stringify(holder)}\n`), 0);
  } catch (error) {
    lock.release();
    throw fileError('write', path, error);
  }
}

function readHolder(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      return textOf(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return ''; // removed by now, or not for us to read
  }
}

function textOf(descriptor: number): string {
  const bytes = Buffer.alloc(MAX_HOLDER_BYTES);
  return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
}

/** @returns the process, and where and since when it runs; empty where the lock does not say so */
function describe(content: string): [string, string] {
  try {
    const { process, host, since }: Holder = JSON.parse(content);
    const time = new Date(since).toISOString().slice(0, 19).replace('T', ' ');
    return [` (process ${Number(process)})`, `, on host ${host.replace(/[^\w.-]/g, '?')} since ${time} UTC`];
  } catch {
    return ['', ''];
  }
}
