import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCopied, type LocalOptions, localInputs, requirePiped } from './local-inputs.js';

/** Use inputs as files of this machine; what had to be copied is removed afterwards. */
export async function withLocalInputs<Result>(
  given: string[],
  options: LocalOptions,
  use: (paths: string[]) => Promise<Result>,
): Promise<Result> {
  requirePiped(given, options);
  if (!given.some(isCopied)) return use(given);
  const folder = mkdtempSync(join(tmpdir(), 'coreset-'));
  try {
    return await use(await localInputs(given, folder, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
