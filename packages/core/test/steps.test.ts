import { fallingOrder, inOneGo, inParts, inTurns, type Steps } from '@coreset/core';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { abortAfter, turnAtEachStep, turnsOf } from '../../../test/turns.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function* counting(steps: number, onStep: (step: number) => void = () => {}): Steps<string> {
  for (let step = 0; step < steps; step++) {
    onStep(step);
    yield;
  }
  return 'done';
}

test('steps give the same result in one go and in turns', async () => {
  expect(inOneGo(counting(5))).toBe('done');
  expect(await inTurns(counting(5))).toBe('done');
});

test('the event loop turns once the time between turns is over, and not before', async () => {
  turnAtEachStep();
  expect(await turnsOf(inTurns(counting(20)))).toBeGreaterThan(17);
  vi.spyOn(performance, 'now').mockReturnValue(7);
  expect(await turnsOf(inTurns(counting(1000)))).toBeLessThan(3);
});

test('an abort ends the steps at the next turn, and what they hold is let go', async () => {
  turnAtEachStep();
  let last = 0;
  let isClosed = false;
  function* holding(): Steps<string> {
    try {
      return yield* counting(1000, (step) => {
        last = step;
      });
    } finally {
      isClosed = true;
    }
  }
  const stopped = await abortAfter(10, (signal) => inTurns(holding(), signal));
  expect(stopped?.reason).toEqual(new Error('enough'));
  expect(last).toBeLessThan(15);
  expect(isClosed).toBe(true);
  let begun = false;
  const aborted = AbortSignal.abort(new Error('before'));
  await expect(
    inTurns(
      counting(1, () => {
        begun = true;
      }),
      aborted,
    ),
  ).rejects.toThrow('before');
  expect(begun).toBe(false);
});

test('parts follow each other without gaps', () => {
  const parts: [number, number][] = [];
  inOneGo(inParts(7, (start, end) => parts.push([start, end]), 3));
  expect(parts).toEqual([
    [0, 3],
    [3, 6],
    [6, 7],
  ]);
});

test('the falling order is that of a plain sort, ties by the lowest index', () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-0, 1e308, -1e308, 5e-324));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), fc.integer({ min: 1, max: 400 }), (values, repeats) => {
      // Long enough for runs to be merged.
      const all = Float64Array.from({ length: values.length * repeats }, (_, i) => values[(i * i + i) % values.length]);
      const plain = Array.from(all.keys()).sort((a, b) => all[b] - all[a] || a - b);
      expect(Array.from(inOneGo(fallingOrder(all)))).toEqual(plain);
    }),
    { numRuns: 60 },
  );
});
