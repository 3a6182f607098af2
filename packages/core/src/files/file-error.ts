import { CoresetError, messageOf } from '../errors/error.js';

const REASONS: Record<string, string> = {
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
  EMFILE: 'too many open files; raise the limit (ulimit -n) and run the same command again',
  ENFILE: 'too many open files on this machine',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is longer than the file system allows',
  EIO: 'the disk reports an error',
  EPIPE: 'the program that reads it has ended',
  EBADF: 'no file is open under this number',
  ENXIO: 'there is no such device',
};

/** One clear line for what the file system said. */
export function fileError(action: string, path: string, error: unknown): CoresetError {
  if (CoresetError.isInstance(error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? messageOf(error).replace(/\s+/g, ' ');
  return new CoresetError(`cannot ${action} ${path}: ${reason}`, { cause: error });
}

/** Whether the operating system refused something. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
