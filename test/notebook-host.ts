import type { MimeBundle, NotebookHost } from '@coreset/core';

const HOST = Symbol.for('coreset.notebook');

/** What the cells of a notebook showed: per display what it showed first, and what took its place. */
export interface Cells {
  displays: MimeBundle[][];
  /** Interrupt the cell at work. */
  interrupt(reason: unknown): void;
  /** Begin another cell. */
  next(): void;
}

/** Do some work as the kernel of a notebook would, in its first cell. */
export async function inNotebook<Result>(work: (cells: Cells) => Promise<Result> | Result): Promise<Result> {
  let controller = new AbortController();
  const displays: MimeBundle[][] = [];
  const host: NotebookHost = {
    display(bundle) {
      const shown = [bundle];
      displays.push(shown);
      return { update: (next) => shown.push(next) };
    },
    get signal() {
      return controller.signal;
    },
  };
  Object.defineProperty(globalThis, HOST, { value: host, configurable: true });
  try {
    return await work({
      displays,
      interrupt: (reason) => controller.abort(reason),
      next: () => {
        controller = new AbortController();
      },
    });
  } finally {
    Reflect.deleteProperty(globalThis, HOST);
  }
}
