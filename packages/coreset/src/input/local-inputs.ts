import { join } from 'node:path';
import { CoresetError, RUN_OPTIONS, type RunOptions } from '@coreset/core';
import { isAddress } from '@coreset/rows';
import { download } from './download.js';
import { descriptorOf } from './given.js';
import { spool } from './spool.js';

/** How inputs are made files of this machine. */
export interface LocalOptions extends RunOptions {
  /** Extension of the format of piped input. Default: what its first bytes show. */
  inputFormat?: string;
}

/** Every option of {@link LocalOptions}. */
export const LOCAL_OPTIONS: Readonly<Record<keyof LocalOptions, true>> = { ...RUN_OPTIONS, inputFormat: true };

/** Whether an input has to be copied before it can be read as often as needed. */
export function isCopied(input: string): boolean {
  return isAddress(input) || descriptorOf(input) !== undefined;
}

/** @throws CoresetError for a format of piped input where nothing is piped in */
export function requirePiped(given: string[], { inputFormat }: LocalOptions): void {
  if (inputFormat !== undefined && !given.some((input) => descriptorOf(input) !== undefined))
    throw new CoresetError(
      `--input-format ${inputFormat} counts for piped input alone, and ${given[0]} is none; leave it out, or name the file .${inputFormat}`,
    );
}

/**
 * Inputs as paths and patterns of this machine: what is piped in or lies at an address is copied into `folder`.
 * @throws CoresetError when something cannot be read or fetched
 */
export async function localInputs(given: string[], folder: string, options: LocalOptions): Promise<string[]> {
  const paths: string[] = [];
  for (const [i, input] of given.entries()) {
    const descriptor = descriptorOf(input);
    const number = given.length === 1 ? '' : `-${i + 1}`;
    if (descriptor !== undefined)
      paths.push(await spool(descriptor, join(folder, `input${number}`), options.inputFormat, options.signal));
    else if (isAddress(input)) {
      const path = join(folder, `fetched${number}`, nameOf(input));
      await download(input, path, options);
      paths.push(path);
    } else paths.push(input);
  }
  return paths;
}

/** The name of the file at an address. */
export function nameOf(address: string): string {
  const name = decodeURIComponent(new URL(address).pathname.split('/').filter(Boolean).at(-1) ?? '');
  return name.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '') || 'download';
}
