import { accessSync, constants, existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CoresetError } from '../errors/error.js';
import { fileError } from './file-error.js';
import { descriptorOf, requireOpen } from './open-descriptor.js';

/** What stands where a result is written to. */
export type WriteTarget =
  /** A regular file, or none yet: behind links. */
  | { kind: 'file'; path: string }
  /** A device or named pipe, into which is written. */
  | { kind: 'stream'; path: string }
  /** A file, pipe or terminal that this process has open. */
  | { kind: 'descriptor'; descriptor: number };

/** @throws CoresetError for a link to nothing, and for a socket */
export function targetOf(path: string): WriteTarget {
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) {
    requireOpen(descriptor, path);
    return { kind: 'descriptor', descriptor };
  }
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new CoresetError(
        `cannot write ${path}: it is a link to ${readlinkSync(path)}, which is not there; make that file or name another`,
      );
    return { kind: 'file', path };
  }
  if (status.isSocket()) throw new CoresetError(`cannot write ${path}: it is a socket`);
  const isStream = !status.isFile() && !status.isDirectory();
  return { kind: isStream ? 'stream' : 'file', path: realpathSync(path) };
}

/**
 * Say before long work whether its result can be written at all; nothing is written yet.
 * @throws CoresetError when the path is a folder, or its folder is none, cannot be made, or is not writable
 */
export function requireWritable(path: string): void {
  if (path === '-')
    throw new CoresetError('cannot write -: standard output is /dev/stdout here, and a file of this name is ./-');
  try {
    const target = targetOf(path);
    if (target.kind === 'descriptor') return;
    const status = statSync(target.path, { throwIfNoEntry: false });
    if (status?.isDirectory()) throw new CoresetError(`cannot write ${path}: it is a folder, a file is needed`);
    if (status) accessSync(target.path, constants.W_OK);
    else requireFolder(dirname(resolve(path)), path);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/**
 * The same for a file that is written bit by bit, beside which others are left meanwhile.
 * @throws CoresetError also when a device or pipe is there, or its folder is not writable
 */
export function requireRegular(path: string): void {
  requireWritable(path);
  const target = targetOf(path);
  if (target.kind !== 'file')
    throw new CoresetError(`cannot write ${path}: it is no regular file, and vectors are written to one bit by bit`);
  try {
    requireFolder(dirname(resolve(target.path)), path);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

function requireFolder(wanted: string, path: string): void {
  let folder = wanted;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) throw new CoresetError(`cannot write ${path}: ${folder} is no folder`);
  accessSync(folder, constants.W_OK | constants.X_OK);
}
