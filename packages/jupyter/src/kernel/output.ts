import { randomUUID } from 'node:crypto';
import type { MimeBundle } from '@coreset/core';
import type { Answer } from './between-threads.js';
import type { Failure } from './failure.js';
import { sendable } from './mime-bundle.js';
import type { Header } from './wire.js';

type StreamName = 'stdout' | 'stderr';

/**
 * Text is sent at once, since what a cell does next may block. Of a loop that prints, the lines that follow these many in
 * as many milliseconds go together, up to so many characters.
 */
const MOST_LINES = 50;
const WINDOW = 50;
const MOST_TEXT = 1 << 14;

/** What appears below cells. Text that is printed after its cell has ended goes to the last one. */
export class Output {
  readonly #tell: (answer: Answer) => void;
  #parent: Header | undefined;
  #text = '';
  #stream: StreamName = 'stdout';
  #lines = 0;
  #isFlushing = false;
  #since = 0;

  constructor(tell: (answer: Answer) => void) {
    this.#tell = tell;
  }

  /** What comes from now on belongs to the cell of this request. */
  begin(parent: Header): void {
    this.flush();
    this.#parent = parent;
  }

  print(stream: StreamName, text: string): void {
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#text += text;
    if (Date.now() - this.#since > WINDOW) {
      this.#since = Date.now();
      this.#lines = 0;
    }
    if (this.#lines++ < MOST_LINES || this.#text.length > MOST_TEXT) this.flush();
    else this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.flush();
    });
  }

  flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#publish('stream', { name: this.#stream, text });
  }

  fail(failure: Failure): void {
    this.publish('error', failure);
  }

  /** Behind what was printed before. */
  publish(type: string, content: unknown): void {
    this.flush();
    this.#publish(type, content);
  }

  /** Show a bundle below the cell at work; `update` replaces it in place. */
  display(bundle: MimeBundle): { update(bundle: MimeBundle): void } {
    const parent = this.#parent;
    const transient = { display_id: randomUUID() };
    const show = (type: string, data: MimeBundle): void => {
      this.flush();
      this.#tell({ kind: 'publish', type, parent, content: { data: sendable(data), metadata: {}, transient } });
    };
    show('display_data', bundle);
    return { update: (changed) => show('update_display_data', changed) };
  }

  #publish(type: string, content: unknown): void {
    this.#tell({ kind: 'publish', type, parent: this.#parent, content });
  }
}

/** What is written to standard output and standard error from now on appears below cells. */
export function redirectStreams(output: Output): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder();
    process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      output.print(name, typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
      const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
      if (done !== undefined) process.nextTick(done);
      return true;
    };
  }
}
