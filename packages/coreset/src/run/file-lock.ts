import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CoresetError, fileError } from '@coreset/core';
import locks from 'fs-native-extensions';

/** Bytes far behind the content: Windows and SMB servers let nobody else read what is locked. macOS locks whole files only. */
const LOCKED_FROM = process.platform === 'darwin' ? 0 : 2 ** 40;
const MAX_TRIES = 100;

/** A file that this process has open under a lock. */
export interface LockedFile {
  path: string;
  descriptor: number;
  /** The file was not there before. */
  isNew: boolean;
  /** `unknown`: the file system keeps no locks. */
  lock: 'held' | 'unknown';
}

/**
 * Open a file for reading and writing under a lock of the kernel, which a file server shares among its machines. The file
 * and its folder are made where they are missing; what is in the file stays. The lock ends when the descriptor is closed
 * or the process ends, however it ends: see docs/decisions/run-lock.md.
 * @returns undefined where another open file holds the lock
 * @throws CoresetError when it is no regular file or cannot be written
 */
export function openLocked(path: string): LockedFile | undefined {
  let problem: unknown;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      const opened = openOrMake(path);
      const lock = tryLock(opened.descriptor);
      if (lock !== 'busy' && isAt(path, opened.descriptor)) return { path, ...opened, lock };
      closeSync(opened.descriptor);
      if (lock === 'busy') return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError('write', path, error);
      problem = error; // whoever held the lock removed the file, or the folder, between two of our steps
    }
  }
  throw fileError('write', path, problem ?? new Error('it is replaced all the time'));
}

/** Whether a lock is still there: nobody removed or replaced the file, and no file server gave the lock to another. */
export function isHeld({ path, descriptor, lock }: LockedFile): boolean {
  if (!isAt(path, descriptor)) return false;
  // To lock again what is locked already changes nothing, but Windows refuses it.
  return lock === 'unknown' || process.platform === 'win32' || tryLock(descriptor) === 'held';
}

function openOrMake(path: string): Pick<LockedFile, 'descriptor' | 'isNew'> {
  mkdirSync(dirname(path), { recursive: true });
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  try {
    return { descriptor: openSync(path, O_RDWR | O_CREAT | O_EXCL), isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const there = lstatSync(path);
  if (!there.isFile() && !there.isDirectory()) throw new CoresetError(`cannot write ${path}: it is no regular file`);
  return { descriptor: openSync(path, O_RDWR), isNew: false };
}

function tryLock(descriptor: number): 'held' | 'busy' | 'unknown' {
  try {
    return locks.tryLock(descriptor, LOCKED_FROM) ? 'held' : 'busy';
  } catch {
    return 'unknown';
  }
}

function isAt(path: string, descriptor: number): boolean {
  try {
    const [there, open] = [statSync(path, { bigint: true }), fstatSync(descriptor, { bigint: true })];
    return there.ino === open.ino && there.dev === open.dev;
  } catch {
    return false; // removed
  }
}
