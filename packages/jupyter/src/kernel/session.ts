import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { NOTEBOOK_HOST, type NotebookHost } from '@coreset/core';
import { Language } from '../language/language.js';
import type { Place } from '../language/typescript.js';
import type { Answer, Request } from './between-threads.js';
import { type Failure, failureOf, failureOfTypes, Interrupted } from './failure.js';
import { bundleOf } from './mime-bundle.js';
import { folderOfCell } from './notebook-folder.js';
import type { Output } from './output.js';

/** Milliseconds that an interrupted cell has to end by itself. */
const GRACE = 5000;
/** Milliseconds in which cells that were sent together arrive, which are dropped when one of them fails. */
const SENT_TOGETHER = 20;

/** Milliseconds in which a message and a signal mean the same interrupt. */
const SAME_INTERRUPT = 300;

/** The cell at work. */
interface Work {
  controller: AbortController;
  /** When the signal was aborted, in milliseconds. */
  abortedAt: number;
  /** End the cell, whether or not its code has ended. */
  giveUp(reason: Interrupted): void;
  /** What went wrong beside the cell's own promise. */
  stray: Failure[];
}

/** A notebook at work: its cells one after another, and what is asked about them. */
export class Session {
  readonly #output: Output;
  readonly #tell: (answer: Answer) => void;
  readonly #queue: Request[] = [];
  #place: Place;
  #opened: Language | undefined;
  #isRunning = false;
  #work: Work | undefined;
  #signal = new AbortController().signal;
  #count = 0;

  constructor(place: Place, output: Output, tell: (answer: Answer) => void) {
    this.#place = place;
    this.#output = output;
    this.#tell = tell;
    const session = this;
    const host: NotebookHost = {
      display: (bundle) => output.display(bundle),
      get signal() {
        return session.#signal;
      },
    };
    Object.defineProperty(globalThis, NOTEBOOK_HOST, { value: host });
  }

  /** Get ready before the first cell comes. */
  warm(): void {
    try {
      this.#language();
    } catch {
      // the first cell says it
    }
  }

  ask(request: Request): void {
    if (request.header.msg_type === 'execute_request') {
      this.#queue.push(request);
      void this.#runQueue();
      return;
    }
    let content: object;
    try {
      content = this.#answer(request);
    } catch (error) {
      const { ename, evalue, traceback } = failureOf(error);
      content = { status: 'error', ename, evalue, traceback };
    }
    this.#reply(request, content);
  }

  /** Abort the signal of the cell at work; a cell that does not end by it is given up. */
  interrupt(isTerminated: boolean): void {
    const work = this.#work;
    if (work === undefined) return;
    const giveUp = (): void =>
      work.giveUp(
        new Interrupted(
          isTerminated
            ? 'the cell was ended by force, since it did not let go of the processor'
            : 'the cell was interrupted but did not end; what it has begun may go on until the kernel is restarted',
        ),
      );
    if (!work.controller.signal.aborted) {
      work.controller.abort(new Interrupted('the cell was interrupted'));
      work.abortedAt = Date.now();
      setTimeout(giveUp, GRACE).unref();
    } else if (isTerminated || Date.now() - work.abortedAt > SAME_INTERRUPT) {
      giveUp();
    }
  }

  /** An error that nobody has caught. */
  stray(thrown: unknown): void {
    const failure = failureOf(thrown);
    // The signal's own reason, from work that the cell no longer waits for.
    if (thrown instanceof Interrupted) return;
    this.#output.fail(failure);
    this.#work?.stray.push(failure);
  }

  /** Let the cell at work end in good order. */
  async close(): Promise<void> {
    this.#queue.length = 0;
    this.#work?.controller.abort(new Interrupted('the kernel ends'));
    for (let tries = 0; tries < 20 && this.#work !== undefined; tries++) await wait(50);
    this.#opened?.close();
  }

  #reply({ id }: Request, content: object): void {
    this.#output.flush();
    this.#tell({ kind: 'reply', id, content });
  }

  #answer({ header, content }: Request): object {
    const code = String(content.code);
    const language = this.#language();
    if (header.msg_type === 'complete_request') return language.complete(code, Number(content.cursor_pos));
    if (header.msg_type === 'inspect_request') return language.inspect(code, Number(content.cursor_pos));
    return language.isComplete(code);
  }

  #language(): Language {
    if (this.#opened !== undefined) return this.#opened;
    process.chdir(this.#place.folder);
    this.#opened = new Language(this.#place);
    this.#opened.showBy((content, isUpdate) =>
      this.#output.publish(isUpdate ? 'update_display_data' : 'display_data', content),
    );
    return this.#opened;
  }

  async #runQueue(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      const failure = await this.#execute(request);
      if (failure === undefined) {
        this.#reply(request, { status: 'ok', execution_count: this.#count, user_expressions: {}, payload: [] });
        continue;
      }
      const stops = request.content.stop_on_error !== false;
      if (stops) await wait(SENT_TOGETHER);
      const dropped = stops ? this.#queue.splice(0) : [];
      this.#reply(request, { status: 'error', execution_count: this.#count, ...failure });
      for (const each of dropped) this.#reply(each, { status: 'aborted' });
    }
    this.#isRunning = false;
  }

  /** Run a cell and show what it gives. @returns why it failed */
  async #execute({ header, metadata, content }: Request): Promise<Failure | undefined> {
    const code = String(content.code);
    const isSilent = content.silent === true;
    this.#output.begin(header);
    this.#settle(metadata);
    if (!isSilent) {
      this.#count++;
      this.#output.publish('execute_input', { code, execution_count: this.#count });
    }
    try {
      return await this.#interruptible(() => this.#evaluate(code));
    } catch (error) {
      return this.#fail(failureOf(error));
    }
  }

  /** @returns why the cell was not run */
  async #evaluate(code: string): Promise<Failure | undefined> {
    const language = this.#language();
    if (this.#count === 1) this.#warn(language);
    const { diagnostics, run } = language.compile(code, `cell ${this.#count}`);
    if (diagnostics.length > 0) return this.#fail(failureOfTypes(diagnostics));
    this.#signal.throwIfAborted();
    if (run !== undefined) await this.#show(await run());
    return undefined;
  }

  #fail(failure: Failure): Failure {
    this.#output.fail(failure);
    return failure;
  }

  /** @returns a failure that is shown already: the cell's own, or an error that nobody has caught while it ran */
  async #interruptible(evaluate: () => Promise<Failure | undefined>): Promise<Failure | undefined> {
    let giveUp!: Work['giveUp'];
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    givenUp.catch(() => {});
    const work: Work = { controller: new AbortController(), abortedAt: 0, giveUp, stray: [] };
    this.#work = work;
    this.#signal = work.controller.signal;
    try {
      // Code that is ended by force takes its callers with it: nothing that waits for it may be among them.
      const failure = await Promise.race([Promise.resolve().then(evaluate), givenUp]);
      // A rejection that nobody handles is told when the event loop turns.
      await nextTurn();
      return failure ?? work.stray[0];
    } finally {
      this.#work = undefined;
    }
  }

  async #show(value: unknown): Promise<void> {
    if (value === undefined || value === null) return;
    const data = await bundleOf(value);
    if (data === undefined) console.log(value);
    else this.#output.publish('execute_result', { data, metadata: {}, execution_count: this.#count });
  }

  /** Before the first cell runs, a client may say where its notebook is. */
  #settle(metadata: Record<string, unknown>): void {
    const folder = this.#count === 0 ? folderOfCell(metadata) : undefined;
    if (folder === undefined || folder === this.#place.folder) return;
    this.#opened?.close();
    this.#opened = undefined;
    this.#place = { ...this.#place, folder };
  }

  #warn(language: Language): void {
    const misfit = language.misfit();
    if (misfit !== undefined) this.#output.print('stderr', `${misfit}\n`);
  }
}
