import { type BigIntStats, type Dir, opendirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileError, inOneGo, inTurns, type Steps } from '@coreset/core';

/** What systems and other programs leave in folders: hidden files and folders, those of archives of macOS and of Synology, bins. */
const LEFT_BY_SYSTEMS = /^(\..*|__MACOSX|@eaDir|#recycle|\$RECYCLE\.BIN)$/;

/** So many names are read at a time; behind them, and behind each folder, a listing can stop. */
const NAMES_AT_ONCE = 1024;

/**
 * The files in a folder and the folders in it, as sorted paths from there with `/`, without what systems leave there.
 * Links are followed as by `find -L`, but each folder is listed once, by its path without links where it has one; links
 * to folders above are not followed. What is neither a file nor a folder, such as a broken link, counts as a file.
 * @throws CoresetError when a folder cannot be read
 */
export function listFolder(path: string): string[] {
  return inOneGo(steps(path));
}

/**
 * As {@link listFolder}, letting others have their turn.
 * @throws the reason of the signal when it aborts
 */
export function listFolderInTurns(path: string, signal: AbortSignal | undefined): Promise<string[]> {
  return inTurns(steps(path), signal);
}

function* steps(root: string): Steps<string[]> {
  const files: string[] = [];
  const seen = foldersAbove(root);
  const folders = [''];
  let links: string[] = [];
  for (;;) {
    const folder = folders.pop() ?? links.shift();
    if (folder === undefined) return files.sort();
    const path = join(root, folder);
    const identity = identityOf(statOf(path, true) as BigIntStats);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const found: string[] = [];
    const opened = open(path);
    try {
      for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
        if (LEFT_BY_SYSTEMS.test(entry.name)) continue;
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) folders.push(name);
        else if (entry.isSymbolicLink() && statOf(join(root, name), false)?.isDirectory()) found.push(name);
        else if (files.push(name) % NAMES_AT_ONCE === 0) yield;
      }
    } catch (error) {
      throw fileError('read', path, error);
    } finally {
      opened.closeSync();
    }
    if (found.length > 0) links = [...links, ...found].sort();
    yield;
  }
}

/** What is above a folder; a link there would lead to all that is beside it. */
function foldersAbove(path: string): Set<string> {
  const above = new Set<string>();
  for (let folder = realPath(path); folder !== dirname(folder); ) {
    folder = dirname(folder);
    const found = statOf(folder, false);
    if (found !== undefined) above.add(identityOf(found));
  }
  return above;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function open(path: string): Dir {
  try {
    return opendirSync(path, { bufferSize: NAMES_AT_ONCE });
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function statOf(path: string, isNeeded: boolean): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    if (isNeeded) throw fileError('read', path, error);
    return undefined; // a link that leads nowhere, or to itself
  }
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
