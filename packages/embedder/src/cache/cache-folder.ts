import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CoresetError, fileError, writeFileAtomic } from '@coreset/core';

/** Marks folders that need no backup (https://bford.info/cachedir/), and ours by the second line. */
const TAG = 'CACHEDIR.TAG';
const TAG_TEXT = `Signature: 8a477f597d28d172789f06886806bc55
# Vectors that coreset keeps for later runs (--cache). The folder may be deleted at any time.
`;
const OTHERS_NAMED = 3;

/**
 * Look whether a folder is a cache, or can become one.
 * @param name as it was given
 * @throws CoresetError when it is a file, holds other things, or cannot be written
 */
export function checkFolder(folder: string, name: string): void {
  try {
    const there = statSync(folder, { throwIfNoEntry: false });
    if (there === undefined) {
      const above = dirname(folder);
      if (above !== folder) checkAbove(above);
      return;
    }
    if (!there.isDirectory())
      throw new CoresetError(`the cache ${name} is a file; name a folder, which is made where it is missing`);
    requireOurs(folder, name);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError('write', `the cache ${name}`, error);
  }
}

/** Whether a folder can be made in the nearest that is there. */
function checkAbove(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory()) accessSync(folder, constants.W_OK | constants.X_OK);
  else if (there) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
  else if (dirname(folder) !== folder) checkAbove(dirname(folder));
}

function requireOurs(folder: string, name: string): void {
  const others = readdirSync(folder).filter((entry) => !entry.includes(TAG));
  if (others.length === 0 || isOurs(folder)) return;
  const named = others.slice(0, OTHERS_NAMED).join(', ') + (others.length > OTHERS_NAMED ? ', …' : '');
  throw new CoresetError(
    `the cache ${name} is no cache of vectors: it holds ${named}; name a folder that is new or empty`,
  );
}

function isOurs(folder: string): boolean {
  try {
    return readFileSync(join(folder, TAG), 'utf8') === TAG_TEXT;
  } catch {
    return false;
  }
}

/**
 * Make a folder a cache, unless it is one.
 * @throws CoresetError when it cannot be written
 */
export async function makeCache(folder: string): Promise<void> {
  if (isOurs(folder)) return;
  await writeFileAtomic(join(folder, TAG), TAG_TEXT);
}

const SEGMENT = /^\d{8}\.vectors$/;

/** A file with vectors of one model. */
export interface SegmentFile {
  path: string;
  bytes: number;
  /** When it was last written or used. */
  used: number;
}

/** The segments of one model, in the order in which they were begun. */
export function segmentsOf(folder: string): SegmentFile[] {
  return list(folder)
    .filter((name) => SEGMENT.test(name))
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const there = statSync(path, { throwIfNoEntry: false });
      return there?.isFile() ? [{ path, bytes: there.size, used: there.mtimeMs }] : [];
    });
}

/** The path of the n-th segment of a model, counted from 1. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}.vectors`);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/**
 * Delete segments of any model, those that were not used for longest first, until so many bytes are free.
 * @param isKept whether a segment has to stay
 * @returns whether they are free
 */
export function makeRoom(cache: string, size: number, wanted: number, isKept: (path: string) => boolean): boolean {
  const all = list(cache).flatMap((name) => segmentsOf(join(cache, name)));
  let free = size - all.reduce((sum, { bytes }) => sum + bytes, 0);
  if (free >= wanted) return true;
  const oldest = all.toSorted((a, b) => a.used - b.used || (a.path < b.path ? -1 : 1));
  for (const { path, bytes } of oldest) {
    if (isKept(path) || !remove(path)) continue;
    free += bytes;
    if (free >= wanted) return true;
  }
  return false;
}

/** Delete a segment, and the folder of its model where that is empty then. @returns whether it is gone */
function remove(path: string): boolean {
  try {
    rmSync(path, { force: true });
  } catch {
    return false; // elsewhere than on POSIX no file goes that is read
  }
  try {
    rmdirSync(dirname(path));
  } catch {
    // There are others.
  }
  return true;
}

/** Make the folder of a model; that of the cache stays deleted where it was. */
export function makeModelFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
