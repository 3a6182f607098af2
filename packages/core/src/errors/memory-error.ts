import { CoresetError, messageOf } from './error.js';

/** What V8 and Node say when there is no memory, or no thread, to be had. */
const NO_MEMORY = /out of memory|allocation failed|cannot allocate|invalid (array|typed array) (buffer )?length/i;
const NO_THREAD = ['ERR_WORKER_OUT_OF_MEMORY', 'ERR_WORKER_INIT_FAILED', 'EAGAIN', 'ENOMEM'];

/** One line for an error that says that memory or threads ran out; undefined for any other. */
export function memoryError(error: unknown): CoresetError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof RangeError && NO_MEMORY.test(error.message)) && !NO_THREAD.includes(code ?? ''))
    return undefined;
  const said = messageOf(error).replace(/\s+/g, ' ');
  return new CoresetError(
    `memory ran out (${said}); use fewer --threads, lift the limits of this shell (ulimit -v, ulimit -u), or give the machine more`,
    { cause: error },
  );
}
