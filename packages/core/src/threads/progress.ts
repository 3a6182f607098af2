import type { OnDiagnostics } from './diagnostics.js';

/** How far a stage has come. `total` is undefined while the number of rows is not known. */
export interface Progress {
  stage: string;
  done: number;
  total?: number;
}

export type OnProgress = (progress: Progress) => void;

/** Options that every long-running function takes. */
export interface RunOptions {
  /** Worker threads, at least 1; the result does not depend on it. Default: the machine's cores. */
  threads?: number;
  /** Stops the work; the function then rejects with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
  /** Told, in one line each, of everything done other than asked, such as a k that shrank to what the rows allow. */
  onNotice?: (message: string) => void;
  /** Told what decides the result. Without it `NODE_DEBUG=coreset` prints the same, a line each, on standard error. */
  onDiagnostics?: OnDiagnostics;
}

/** Every option of {@link RunOptions}. */
export const RUN_OPTIONS: Readonly<Record<keyof RunOptions, true>> = {
  threads: true,
  signal: true,
  onProgress: true,
  onNotice: true,
  onDiagnostics: true,
};
