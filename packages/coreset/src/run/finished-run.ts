import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CoresetError } from '@coreset/core';
import { hashFile } from '@coreset/core';
import { VERSION } from '../version.js';
import { type Manifest, readManifest } from './manifest.js';

/** A folder that is to hold what a run left, and how to say that it does not. */
export interface LeftFolder {
  folder: string;
  /** An error that begins with the name of the folder. */
  refuse(what: string): CoresetError;
  /** What else can be done than to run again, from its comma on. */
  otherwise?: string;
}

/** @throws CoresetError when the folder holds no run, or that of another version */
export function finishedManifest({ folder, refuse, otherwise = '' }: LeftFolder): Manifest {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw refuse('is no folder; name the run directory of an earlier run');
  const manifest = readManifest(folder);
  if (manifest.given.length === 0)
    throw refuse('is no run directory, it has no manifest.json of a run; name that of an earlier run');
  if (manifest.version !== VERSION)
    throw refuse(`is of version ${manifest.version}, this is ${VERSION}; run it again${otherwise}`);
  return manifest;
}

/** @throws CoresetError unless a stage left these files, and they are as it left them */
export function requireStageFiles(
  { folder, refuse, otherwise = '' }: LeftFolder,
  { stages }: Manifest,
  stage: string,
  names: string[],
): void {
  if (stages[stage] === undefined)
    throw refuse(`is not finished, its stage ${stage} has no result; run that command to its end${otherwise}`);
  const changed = names.find((name) => {
    const path = join(folder, name);
    return !existsSync(path) || hashFile(path) !== stages[stage].files?.[name];
  });
  if (changed !== undefined)
    throw refuse(`is damaged, ${changed} is not what its run wrote; run that command again${otherwise}`);
}
