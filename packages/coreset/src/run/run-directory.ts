import { mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  CoresetError,
  type Diagnostics,
  diagnose,
  fileError,
  hashFile,
  type OnDiagnostics,
  writeFileAtomic,
} from '@coreset/core';
import { VERSION } from '../version.js';
import { hashValue } from './hash.js';
import { isReusable, type Manifest, readManifest, stageKey } from './manifest.js';
import { lockRun, type RunLock } from './run-lock.js';
import { isSameInput } from './run-name.js';

/** How a stage came about in this run. */
export interface StageOutcome {
  stage: string;
  seconds: number;
  /** True when an earlier run's files were still valid and no work was done. */
  reused: boolean;
}

/** Where stages find the results of earlier ones. */
export interface StageRun {
  path: string;
  /** A path inside the directory. */
  file(name: string): string;
  /** Run a stage unless its files are there already. @returns a hash of the files */
  stage(stage: string, dependsOn: unknown, names: string[], work: (key: string) => Promise<void>): Promise<string>;
}

/**
 * A folder with the result files of each stage and a manifest. A stage whose input, options and version are
 * those of an earlier run, and whose files are intact, is not run again.
 */
export class RunDirectory implements StageRun {
  readonly outcomes: StageOutcome[] = [];
  /** Called when the work of a stage is done, before its result counts; what it throws is thrown. */
  check: () => void = () => {};
  /** Told what decides the result of each stage, see `RunOptions`. */
  listener: OnDiagnostics | undefined;
  /** Takes what decides the result of a stage: its record keeps it, and the listener is told. */
  readonly onDiagnostics: OnDiagnostics = (stage, facts) => {
    this.diagnostics[stage] = { ...this.diagnostics[stage], ...facts };
    diagnose({ onDiagnostics: this.listener }, stage, facts);
  };
  private readonly diagnostics: Record<string, Diagnostics> = {};
  private readonly isNew: boolean;
  private readonly lock: RunLock;
  private manifest: Manifest;

  /**
   * @param given full paths, patterns and addresses of the input whose results it holds
   * @throws CoresetError when the folder cannot be written or another run is at work in it
   */
  constructor(
    readonly path: string,
    given: string[],
  ) {
    try {
      this.isNew = mkdirSync(path, { recursive: true }) !== undefined;
    } catch (error) {
      throw fileError('create', path, error);
    }
    this.lock = lockRun(join(path, 'lock'));
    const left = readManifest(path);
    // Whose it is was looked at before it was locked.
    if (left.given.length > 0 && !isSameInput(left.given, given)) {
      this.lock.release();
      throw new CoresetError(
        `${path} was taken by a run of ${left.given.join(', ')} meanwhile; run the same command again, or name another --run-dir`,
      );
    }
    this.manifest = { ...left, given };
  }

  /**
   * A path inside the directory, to be asked for right before it is read or written.
   * @throws CoresetError when the directory is no longer this run's
   */
  file(name: string): string {
    this.lock.requireHeld();
    return join(this.path, name);
  }

  /** Give the directory back; nothing is left of one in which no work was done. */
  close(): void {
    const isUnused =
      this.isNew &&
      this.lock.isHeld() &&
      Object.values(this.manifest.stages).every(({ files }) => Object.keys(files).length === 0) &&
      readdirSync(this.path).every((name) => name === 'lock' || name === 'manifest.json');
    if (isUnused) rmSync(this.file('manifest.json'), { force: true });
    this.lock.release();
    if (isUnused) removeEmptyFolder(this.path);
  }

  /** Note what the run was asked to do, and where it runs. */
  async describe(input: unknown, options: unknown, environment: Diagnostics): Promise<void> {
    this.forgetEnd();
    this.manifest = { ...this.manifest, version: VERSION, environment, input, options };
    await this.writeManifest();
  }

  /** Note what was found out about the rows. */
  async note(findings: unknown): Promise<void> {
    this.manifest = { ...this.manifest, findings };
    await this.writeManifest();
  }

  /**
   * Run a stage unless its files are there already.
   * @param dependsOn everything that the result depends on: hashes of its inputs, and its options
   * @param names the files it writes
   * @returns a hash of the files, for the stages that follow
   */
  async stage(
    stage: string,
    dependsOn: unknown,
    names: string[],
    work: (key: string) => Promise<void>,
  ): Promise<string> {
    const key = stageKey(stage, dependsOn);
    const record = this.manifest.stages[stage];
    this.lock.requireHeld();
    if (isReusable(record, key, this.path, names)) {
      this.outcomes.push({ stage, seconds: 0, reused: true });
      diagnose({ onDiagnostics: this.listener }, stage, { reused: true, ...record.diagnostics });
      return hashValue(record.files);
    }
    // Also where there was none: whose results these are is known before the first of them.
    delete this.manifest.stages[stage];
    this.forgetEnd();
    await this.writeManifest();
    const { seconds } = await this.timed(stage, () => work(key));
    this.check();
    const files = Object.fromEntries(names.map((name) => [name, hashFile(this.file(name))]));
    this.manifest.stages[stage] = { key, seconds, files, diagnostics: this.diagnostics[stage] };
    await this.writeManifest();
    return hashValue(files);
  }

  /** Let the result of a stage count no more. */
  async forget(stage: string): Promise<void> {
    delete this.manifest.stages[stage];
    await this.writeManifest();
  }

  /** Run work that leaves nothing to reuse, and note its time. A record of it says that the run came so far. */
  async timed<Result>(stage: string, work: () => Promise<Result>): Promise<{ result: Result; seconds: number }> {
    this.lock.requireHeld();
    delete this.manifest.stages[stage];
    const start = performance.now();
    const result = await work();
    const seconds = Math.round(performance.now() - start) / 1000;
    this.outcomes.push({ stage, seconds, reused: false });
    this.manifest.stages[stage] = { seconds, files: {}, diagnostics: this.diagnostics[stage] };
    await this.writeManifest();
    return { result, seconds };
  }

  /** Let what an earlier run did last count no more: what is there is not yet what this run leaves. */
  private forgetEnd(): void {
    for (const [stage, { key }] of Object.entries(this.manifest.stages))
      if (key === undefined) delete this.manifest.stages[stage];
  }

  private writeManifest(): Promise<void> {
    return writeFileAtomic(this.file('manifest.json'), `${JSON.stringify(this.manifest, null, 2)}\n`);
  }
}

function removeEmptyFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another run took it since.
  }
}
