import { join } from 'node:path';
import { hashValue } from './hash.js';
import { isReusable, type Manifest, readManifest, stageKey } from './manifest.js';
import type { StageRun } from './run-directory.js';

/** A stage would have to do its work. */
export class NotReusable extends Error {
  /** @param key of the stage */
  constructor(
    stage: string,
    readonly key: string,
  ) {
    super(`the result of ${stage} is not there`);
  }
}

/** The results that earlier runs left in a folder, to be looked at alone: nothing is written, and no stage does any work. */
export class EarlierRun implements StageRun {
  private readonly manifest: Manifest;

  constructor(readonly path: string) {
    this.manifest = readManifest(path);
  }

  /** Whether any run has been at work in the folder. */
  get isThere(): boolean {
    return this.manifest.given.length > 0;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** @throws NotReusable when the stage would have to do its work */
  async stage(stage: string, dependsOn: unknown, names: string[]): Promise<string> {
    const key = stageKey(stage, dependsOn);
    const record = this.manifest.stages[stage];
    if (!isReusable(record, key, this.path, names)) throw new NotReusable(stage, key);
    return hashValue(record.files);
  }
}
