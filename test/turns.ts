import { expect, vi } from 'vitest';

/** Let so much time pass at each look at the clock that the event loop turns after every step. */
export function turnAtEachStep(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 1000;
    return now;
  });
}

/** How often the event loop turns until something ends. */
export async function turnsOf(work: Promise<unknown>): Promise<number> {
  const turns = countTurns(() => {});
  try {
    await work;
  } finally {
    turns.stop();
  }
  return turns.count();
}

/**
 * Abort work after some turns of the event loop.
 * @returns what it was rejected with, and how many turns later; undefined where it was not
 */
export async function abortAfter(
  turns: number,
  start: (signal: AbortSignal) => Promise<unknown>,
): Promise<{ reason: unknown; turns: number } | undefined> {
  const controller = new AbortController();
  const counted = countTurns((count) => {
    if (count === turns) controller.abort(new Error('enough'));
  });
  try {
    await start(controller.signal);
    return undefined;
  } catch (reason) {
    return { reason, turns: counted.count() - turns };
  } finally {
    counted.stop();
  }
}

/**
 * Abort work after shares of its turns, and expect that it ends for this reason.
 * @param always whether each abort has to be heard; threads may be faster than the count of turns told, and then the first
 */
export async function expectAborts(
  work: (signal: AbortSignal) => Promise<unknown>,
  turns: number,
  shares: number[],
  always = false,
): Promise<void> {
  for (const share of shares) {
    const stopped = await abortAfter(1 + Math.floor(share * turns), work);
    if (stopped !== undefined || always || share === 0) expect(stopped?.reason).toEqual(new Error('enough'));
  }
}

function countTurns(onTurn: (count: number) => void): { count(): number; stop(): void } {
  let count = 0;
  let goesOn = true;
  const turn = (): void => {
    if (!goesOn) return;
    onTurn(++count);
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    count: () => count,
    stop: () => {
      goesOn = false;
    },
  };
}
