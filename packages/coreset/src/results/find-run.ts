import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { chooseRunDir } from '../run/run-name.js';

/**
 * The run directory that is meant: itself, or that of an input in the working directory.
 * @throws CoresetError when there is none
 */
export function findRun(given: string): string {
  if (given === '') throw new CoresetError('the name of the run directory is empty');
  if (existsSync(join(given, 'manifest.json'))) return given;
  const ofInput = chooseRunDir([given], undefined);
  if (existsSync(join(ofInput, 'manifest.json'))) return ofInput;
  if (existsSync(given))
    throw new CoresetError(
      `${given} is no run directory, and ${ofInput}, where the results of such an input would be, is not there; name the run directory, or run coreset prune`,
    );
  throw new CoresetError(`${given} is not there; name the run directory of an earlier run, such as corpus.coreset`);
}
