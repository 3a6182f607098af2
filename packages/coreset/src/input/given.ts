import { fileURLToPath } from 'node:url';
import { CoresetError, descriptorOf as descriptorOfPath } from '@coreset/core';
import { isAddress } from '@coreset/rows';

/** A file, a folder, a glob pattern, an https address, or `-` for standard input. */
export type Input = string | URL;

/** What was given, as text: paths, patterns, addresses or `-`. @throws CoresetError when nothing was, or something else */
export function givenInputs(input: Input | readonly Input[]): string[] {
  const list = Array.isArray(input) ? (input as readonly Input[]) : [input as Input];
  if (list.length === 0) throw new CoresetError('there is no input; name a file, several, a folder or a pattern');
  const given = list.map(textOf);
  if (given.filter((one) => descriptorOf(one) === 0).length > 1)
    throw new CoresetError('standard input is given twice; it can be read once');
  return given;
}

function textOf(input: Input): string {
  if (input instanceof URL) return input.protocol === 'file:' ? fileURLToPath(input) : requireAddress(input.href);
  if (typeof input !== 'string' || input === '')
    throw new CoresetError(
      `an input is ${input === '' ? 'an empty text' : Array.isArray(input) ? 'a list' : `${typeof input === 'object' ? 'an' : 'a'} ${typeof input}`}; give the path of a file, or for rows in memory call pruneRows`,
    );
  if (input.startsWith('file://')) return fileURLToPath(input);
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(input) ? requireAddress(input) : input;
}

function requireAddress(address: string): string {
  if (isAddress(address)) return address;
  throw new CoresetError(
    `${address}: ${address.split(':')[0]} addresses cannot be read; give an https address, or copy the file here first`,
  );
}

/** The descriptor of this process that an input is read from, where it is standard input or a process substitution. */
export function descriptorOf(input: string): number | undefined {
  return input === '-' ? 0 : descriptorOfPath(input);
}
