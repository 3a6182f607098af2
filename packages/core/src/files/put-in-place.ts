import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFully } from './write-fully.js';
import type { WriteTarget } from './write-target.js';

/** No longer than file systems allow, whatever the name of the file. */
const NAME_CHARACTERS = 60;

/** A path for what becomes the target when it is complete: beside it where that is possible. */
export function temporaryFor(target: WriteTarget): string {
  const unique = `${randomUUID().slice(0, 8)}.tmp`;
  if (target.kind !== 'file') return join(tmpdir(), `coreset-${unique}`);
  const folder = dirname(resolve(target.path));
  const isBeside = !existsSync(target.path) || isWritable(folder);
  return join(isBeside ? folder : tmpdir(), `${basename(target.path).slice(0, NAME_CHARACTERS)}.${unique}`);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Put a complete file in the place of the target, with the owner and mode of what is there. A file that has other names
 * too, or cannot be replaced because it is mounted, gets the bytes in its place, as from `cp`.
 * @param temporary gone afterwards
 */
export function putInPlace(temporary: string, target: string): void {
  const before = statSync(target, { throwIfNoEntry: false });
  if (before === undefined) renameSync(temporary, target);
  else if (before.nlink > 1 || !takesPlaceOf(temporary, target, before)) {
    copyBytes(temporary, target);
    rmSync(temporary);
  }
}

const MODE_BITS = 0o7777;
const COPIED_AT_ONCE = 1 << 22;

/** The file system's own copy would set the mode, which only the owner may. */
function copyBytes(from: string, to: string): void {
  const source = openSync(from, 'r');
  const target = openSync(to, 'w');
  try {
    const bytes = Buffer.allocUnsafe(COPIED_AT_ONCE);
    for (let count = readSync(source, bytes); count > 0; count = readSync(source, bytes))
      writeFully(target, bytes.subarray(0, count));
    fsyncSync(target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/** Codes of what can be written but not replaced. */
const NOT_REPLACED = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM'];

function takesPlaceOf(temporary: string, target: string, { mode, uid, gid }: Stats): boolean {
  try {
    const own = statSync(temporary);
    if (own.uid !== uid || own.gid !== gid) chownSync(temporary, uid, gid);
    chmodSync(temporary, mode & MODE_BITS);
    renameSync(temporary, target);
    return true;
  } catch (error) {
    if (NOT_REPLACED.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
