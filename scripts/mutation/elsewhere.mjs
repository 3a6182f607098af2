// Tells Stryker of code that runs outside the thread of the test: in worker threads and in processes.
// Loaded first in each of them. A mutant is switched on there by Stryker's environment variable; which mutants
// ran is gathered in memory shared by the threads of a process, and left in a file where a process ends.
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import workerThreads, { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from 'node:worker_threads';

const SHARED = 'mutants that ran';
const MOST_MUTANTS = 1 << 16;

/** One byte per mutant: 1 where it ran. */
const inherited = getEnvironmentData(SHARED);
export const ran = inherited ?? new Uint8Array(new SharedArrayBuffer(MOST_MUTANTS));
setEnvironmentData(SHARED, ran);

const { Worker } = workerThreads;
workerThreads.Worker = class extends Worker {
  constructor(url, options = {}) {
    super(url, { ...options, execArgv: [...(options.execArgv ?? process.execArgv), '--import', import.meta.url] });
  }
};
syncBuiltinESMExports();

/** In place of Stryker's counters. */
export const counters = new Proxy(
  {},
  {
    get: () => 0,
    set: (_, mutant) => {
      Atomics.store(ran, Number(mutant), 1);
      return true;
    },
  },
);

const { MUTATION_RAN_FOLDER } = process.env;
if (MUTATION_RAN_FOLDER && globalThis.__vitest_worker__ === undefined) {
  globalThis.__stryker__ ??= {};
  globalThis.__stryker__.mutantCoverage = { static: counters, perTest: {} };
  if (isMainThread)
    process.on('exit', () => writeFileSync(join(MUTATION_RAN_FOLDER, `${process.pid}-${threadId}`), ran));
}
