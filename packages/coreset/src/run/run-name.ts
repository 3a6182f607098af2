import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CoresetError } from '@coreset/core';
import { isAddress } from '@coreset/rows';
import { descriptorOf } from '../input/given.js';
import { nameOf } from '../input/local-inputs.js';

/** What tells one input from another, whatever the working directory is: full paths, addresses, or `-`. */
export function identityOf(given: string[]): string[] {
  return given.map((input) => (descriptorOf(input) !== undefined ? '-' : isAddress(input) ? input : resolve(input)));
}

/** A name for the run directory of an input: its own, without extensions. */
export function defaultRunDir(given: string[]): string {
  const more = given.length > 1 ? `-and-${given.length - 1}-more` : '';
  return `${stemOf(given[0])}${more}.coreset`;
}

function stemOf(input: string): string {
  if (descriptorOf(input) !== undefined) return 'stdin';
  if (isAddress(input)) return withoutExtensions(nameOf(input));
  // Of a pattern what stands fixed in it: its name, or else the folder before it.
  const names = resolve(input).split(/[/\\]/).reverse();
  for (const name of names) {
    const stem = existsSync(input)
      ? withoutExtensions(name)
      : withoutExtensions(name.replace(/\{[^}]*\}|\[[^\]]*\]|[*?!()]+/g, '_')).replace(/^[-_]+|[-_.]+$/g, '');
    if (stem !== '') return stem;
  }
  return 'input';
}

function withoutExtensions(name: string): string {
  return name.replace(/\.(gz|zst|zstd)$/i, '').replace(/\.[^.]+$/, '');
}

/**
 * The run directory of an input: as asked for, or else named after it. Inputs of one name in different folders have
 * each its own.
 * @throws CoresetError when the folder asked for holds the results of another input
 */
export function chooseRunDir(given: string[], asked: string | undefined): string {
  const identity = identityOf(given);
  if (asked === '') throw new CoresetError('--run-dir is empty; name a folder');
  if (asked !== undefined) {
    const owner = ownerOf(asked);
    if (owner !== undefined && !isSameInput(owner, identity))
      throw new CoresetError(
        `${asked} holds the results of ${owner.join(', ')}, not of ${given.join(', ')}; name another --run-dir, or remove it`,
      );
    return asked;
  }
  const name = defaultRunDir(given);
  const owner = ownerOf(name);
  if (owner === undefined || isSameInput(owner, identity)) return name;
  const mark = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 8);
  return name.replace(/\.coreset$/, `-${mark}.coreset`);
}

/** The input whose results a folder holds; undefined where it holds none. */
function ownerOf(folder: string): string[] | undefined {
  const path = join(folder, 'manifest.json');
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  try {
    const { given } = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(given) ? given.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two identities are of one input. */
export function isSameInput(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
