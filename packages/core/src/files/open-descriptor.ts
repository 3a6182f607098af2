import { constants, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { CoresetError } from '../errors/error.js';

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
export function requireOpen(descriptor: number, path: string): void {
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
  if (descriptor <= 2) return false;
  const name = openedAs(descriptor);
  if (!name.startsWith('pipe:')) return name.startsWith('anon_inode:');
  return readdirSync('/proc/self/fd').filter((number) => openedAs(number) === name).length > 1;
}

function openedAs(descriptor: number | string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // the one that lists the others is gone by now
  }
}
