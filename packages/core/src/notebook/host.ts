import type { OnProgress, RunOptions } from '../threads/progress.js';
import type { MimeBundle } from './display.js';
import { ProgressLine } from './progress-line.js';

/** What the kernel of a notebook offers to packages, as `globalThis[Symbol.for('coreset.notebook')]`. */
export interface NotebookHost {
  /** Show something below the cell at work; `update` replaces it in place. */
  display(bundle: MimeBundle): { update(bundle: MimeBundle): void };
  /** Aborted when the cell at work is interrupted; a new one for each cell. */
  readonly signal: AbortSignal;
}

/** Where packages find it. */
export const NOTEBOOK_HOST: unique symbol = Symbol.for('coreset.notebook');

/** The kernel of the notebook, undefined elsewhere. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [NOTEBOOK_HOST]?: NotebookHost })[NOTEBOOK_HOST];
}

/** For work inside of other work, whose progress is told as a whole. */
export const noProgress: OnProgress = () => {};

/**
 * In a notebook an interrupted cell stops the work, unless there is a signal of its own.
 * @returns the options, with the signal of the cell where none is given
 */
export function stoppedByCell<Options extends { signal?: AbortSignal }>(options: Options): Options {
  const host = notebookHost();
  return host === undefined ? options : { ...options, signal: options.signal ?? host.signal };
}

/** The same, and progress is shown below the cell, unless it is told to `onProgress`. */
export function shownInCell<Options extends RunOptions>(options: Options): Options {
  const host = notebookHost();
  if (host === undefined) return options;
  return { ...stoppedByCell(options), onProgress: options.onProgress ?? progressOf(host) };
}

/** The line of the cell that was last at work; its signal tells it from other cells. */
let last: { signal: AbortSignal; onProgress: OnProgress } | undefined;

function progressOf(host: NotebookHost): OnProgress {
  if (last?.signal !== host.signal) {
    const line = new ProgressLine((bundle) => host.display(bundle));
    last = { signal: host.signal, onProgress: (progress) => line.tell(progress) };
  }
  return last.onProgress;
}
