import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  lstatSync,
  open,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CoresetError } from './error.js';
import { fileError } from './file-error.js';
import { writeFully } from './write-fully.js';

/** What stands where a result is written to. */
export type WriteTarget =
  /** A regular file, or none yet: behind links. */
  | { kind: 'file'; path: string }
  /** A device or named pipe, into which is written. */
  | { kind: 'stream'; path: string }
  /** A file, pipe or terminal that this process has open. */
  | { kind: 'descriptor'; descriptor: number };

/** The descriptor that a path such as `/dev/stdout` or `/dev/fd/3` stands for; undefined for other paths. */
export function descriptorOf(path: string): number | undefined {
  const name = /^\/dev\/(stdin|stdout|stderr)$/.exec(path)?.[1];
  if (name !== undefined) return ['stdin', 'stdout', 'stderr'].indexOf(name);
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

const ACCESS_MODE = 0o3;

/**
 * Find out whether whoever started this process has opened a file under a number, as far as Linux tells.
 * @throws CoresetError when there is none, or one that is read alone
 */
function requireOpen(descriptor: number, path: string): void {
  if (!existsSync('/proc/self/fdinfo')) return;
  const info = `/proc/self/fdinfo/${descriptor}`;
  if (!existsSync(info) || isOwn(descriptor))
    throw new CoresetError(`cannot write ${path}: no file is open under this number`);
  const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(readFileSync(info, 'utf8'))?.[1] ?? '2', 8);
  if ((flags & ACCESS_MODE) === constants.O_RDONLY)
    throw new CoresetError(`cannot write ${path}: what is open under this number is open for reading alone`);
}

/** Whether Node has opened it for itself: what has no name, and a pipe from this process to itself. */
function isOwn(descriptor: number): boolean {
  const names = readdirSync('/proc/self/fd').map((number) => openedAs(number));
  const name = openedAs(descriptor);
  return (
    descriptor > 2 &&
    (/^anon_inode:/.test(name) || (/^pipe:/.test(name) && names.filter((one) => one === name).length > 1))
  );
}

function openedAs(descriptor: number | string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // the one that lists the others is gone by now
  }
}

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
