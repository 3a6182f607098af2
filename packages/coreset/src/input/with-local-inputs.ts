import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCopied, type LocalOptions, localInputs, requirePiped } from './local-inputs.js';

/**
 * Use inputs as files of this machine; what had to be copied is removed afterwards.
 * @param use is given the inputs, and what copies others that belong to them
 */
export async function withLocalInputs<Result>(
  given: string[],
  options: LocalOptions,
  use: (paths: string[], copy: (given: string[], name: string) => Promise<string[]>) => Promise<Result>,
): Promise<Result> {
  requirePiped(given, options);
  let folder: string | undefined;
  const copy = async (some: string[], name: string): Promise<string[]> => {
    if (!some.some(isCopied)) return some;
    folder ??= mkdtempSync(join(tmpdir(), 'coreset-'));
    return localInputs(some, join(folder, name), options);
  };
  try {
    return await use(await copy(given, ''), copy);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
