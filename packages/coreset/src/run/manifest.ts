import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostics } from '@coreset/core';
import { hashFile } from '@coreset/core';
import { VERSION } from '../version.js';
import { hashValue } from './hash.js';

/** What a finished stage left behind. */
export interface StageRecord {
  /** Hash of everything the stage's result depends on; undefined of a stage that leaves nothing to reuse. */
  key?: string;
  seconds: number;
  /** SHA-256 of each file, by its name inside the run directory. */
  files: Record<string, string>;
  /** What decided the result, of the run that made it. */
  diagnostics?: Diagnostics;
}

/** `manifest.json` of a run directory. */
export interface Manifest {
  version: string;
  /** Full paths, patterns and addresses of the input. */
  given: string[];
  /** Versions, machine and threads. */
  environment?: Diagnostics;
  input?: unknown;
  options?: unknown;
  /** What was found out about the rows. */
  findings?: unknown;
  stages: Record<string, StageRecord>;
}

/** The manifest in a folder; one without stages where there is none, or a damaged one. */
export function readManifest(folder: string): Manifest {
  try {
    const parsed = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    if (typeof parsed?.stages === 'object' && parsed.stages !== null && Array.isArray(parsed.given)) return parsed;
  } catch {
    // Every stage runs again.
  }
  return { version: VERSION, given: [], stages: {} };
}

/** The key of a stage whose result depends on that. */
export function stageKey(stage: string, dependsOn: unknown): string {
  return hashValue({ stage, version: VERSION, dependsOn });
}

/**
 * Whether a stage left a result of that key, and its files are as it left them.
 * @param names the files that it writes: no others are looked at, so that a manifest cannot point outside the folder
 */
export function isReusable(record: StageRecord | undefined, key: string, folder: string, names: string[]): boolean {
  if (record?.key !== key) return false;
  // What was edited by hand may lack them.
  if (typeof record.files !== 'object' || record.files === null) return false;
  return names.every((name) => {
    const path = join(folder, name);
    return existsSync(path) && hashFile(path) === record.files[name];
  });
}
