import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { CoresetError, fileError } from '@coreset/core';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Take a run directory for this process. The lock names the process, so that a killed run leaves nothing
 * that has to be waited for or removed by hand.
 * @returns gives the lock back
 * @throws CoresetError when a living process holds it
 */
export function lockRun(path: string): () => void {
  for (;;) {
    try {
      const descriptor = openSync(path, 'wx');
      writeSync(descriptor, String(process.pid));
      closeSync(descriptor);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError('write', path, error);
    }
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder > 0 && isAlive(holder)) {
      throw new CoresetError(
        `${path}: another run (process ${holder}) is at work in this run directory; wait for it or use another --run-dir`,
      );
    }
    rmSync(path, { force: true });
  }
}
