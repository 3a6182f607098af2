// Runs before each test file, after Stryker's own set-up.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, inject } from 'vitest';
import { ran } from './elsewhere.mjs';

const stryker = globalThis.__stryker__;
process.env.NODE_OPTIONS = `--import=${new URL('./elsewhere.mjs', import.meta.url)}`;

if (inject('mode') === 'mutant') {
  const activate = () => {
    if (stryker.activeMutant !== undefined) process.env.__STRYKER_ACTIVE_MUTANT__ = stryker.activeMutant;
  };
  activate();
  beforeAll(activate);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  process.env.MUTATION_RAN_FOLDER = folder;
  const note = (mutants) => {
    stryker.mutantCoverage ??= { static: {}, perTest: {} };
    const { perTest } = stryker.mutantCoverage;
    perTest[stryker.currentTestId] ??= {};
    const ofTest = perTest[stryker.currentTestId];
    for (let i = 0; i < mutants.length; i++) if (mutants[i] !== 0) ofTest[i] = (ofTest[i] ?? 0) + 1;
  };
  // Registered after Stryker's, so it runs before Stryker forgets which test this was.
  afterEach(() => {
    note(ran);
    ran.fill(0);
    for (const name of readdirSync(folder)) note(readFileSync(join(folder, name)));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  });
}
