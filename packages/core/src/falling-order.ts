import { range } from './range.js';
import { inParts, STEP_ITEMS, type Steps } from './threads/steps.js';

/** Indices sorted at once. */
const RUN = 1 << 12;

/** The indices of values by falling value, ties by the lowest index: a merge sort. */
export function* fallingOrder(values: ArrayLike<number>): Steps<Int32Array> {
  const count = values.length;
  let from = range(0, count);
  yield* inParts(
    count,
    (start, end) => {
      from.subarray(start, end).sort((a, b) => values[b] - values[a] || a - b);
    },
    RUN,
  );
  let to: Int32Array = new Int32Array(count);
  for (let run = RUN; run < count; run *= 2) {
    for (let start = 0; start < count; start += 2 * run) {
      const middle = Math.min(count, start + run);
      yield* merge(values, from, to, start, middle, Math.min(count, middle + run));
    }
    [from, to] = [to, from];
  }
  return from;
}

/** Merge two runs that follow each other; all indices of the first are below those of the second. */
function* merge(
  values: ArrayLike<number>,
  from: Int32Array,
  to: Int32Array,
  start: number,
  middle: number,
  end: number,
): Steps<void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end; ) {
    yield;
    for (const stop = Math.min(end, at + STEP_ITEMS); at < stop; at++) {
      const takesRight = left === middle || (right < end && values[from[right]] > values[from[left]]);
      to[at] = from[takesRight ? right++ : left++];
    }
  }
}
