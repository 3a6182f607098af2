import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CoresetError, fileError, messageOf } from '@coreset/core';

/**
 * Whether a model folder has a file.
 * @throws CoresetError when it is a link to a file that is not there
 */
export function hasFile(folder: string, file: string): boolean {
  const path = join(folder, file);
  if (existsSync(path)) return true;
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return false;
  throw new CoresetError(
    `cannot read ${path}: it is a link to ${readlinkSync(path)}, which is not there; copy the model with what its links name`,
  );
}

/**
 * A JSON file of a model folder.
 * @returns undefined where there is none
 * @throws CoresetError naming the file when it cannot be read or is no JSON object
 */
export function modelJson(folder: string, file: string): Record<string, unknown> | undefined {
  if (!hasFile(folder, file)) return undefined;
  const path = join(folder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError('read', path, error);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new CoresetError(`cannot read ${path}: ${messageOf(error)}`);
  }
  throw new CoresetError(`cannot read ${path}: it is no JSON object`);
}
