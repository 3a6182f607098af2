/** Work that yields every few milliseconds and returns its result in the end. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Rows, edges or numbers that a step looks at: some tenths of a millisecond to a few milliseconds. */
export const STEP_ITEMS: number = 1 << 14;

/** The event loop turns at least this often. */
const MS_BETWEEN_TURNS = 50;

/** Do all steps at once. */
export function inOneGo<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** When the event loop has to turn in long work, so that whoever wants it stopped is heard. */
export class Turns {
  private turned: number = performance.now();

  /** @throws the signal's reason where it has aborted already */
  constructor(private readonly signal?: AbortSignal) {
    signal?.throwIfAborted();
  }

  isDue(): boolean {
    return performance.now() - this.turned >= MS_BETWEEN_TURNS;
  }

  /** @returns rejects with the signal's reason once it aborts */
  async turn(): Promise<void> {
    await new Promise(setImmediate);
    this.signal?.throwIfAborted();
    this.turned = performance.now();
  }
}

/**
 * Do the steps, and let the event loop turn between some of them.
 * @returns rejects with the signal's reason once it aborts
 */
export async function inTurns<Result>(steps: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  try {
    const turns = new Turns(signal);
    let step = steps.next();
    while (!step.done) {
      if (turns.isDue()) await turns.turn();
      step = steps.next();
    }
    return step.value;
  } finally {
    steps.return(undefined as never);
  }
}

/** start … end − 1 in consecutive parts of `items`, with a step before each. */
export function* inParts(
  total: number,
  work: (start: number, end: number) => void,
  items: number = STEP_ITEMS,
): Steps<void> {
  for (let start = 0; start < total; start += items) {
    yield;
    work(start, Math.min(total, start + items));
  }
}
