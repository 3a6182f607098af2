import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Give memory back that nothing holds any more. V8 does not count shared memory, so that it would keep hundreds of megabytes
 * of it until it looks for garbage for another reason. To be called between steps that need much, not within: it takes some
 * milliseconds.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('globalThis.gc');
  if (typeof collect === 'function') collect();
}
