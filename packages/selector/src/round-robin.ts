import { inParts, type Steps } from '@coreset/core';

/** One item of each list in turn, the first of all lists first; a list that has no more is passed over. */
export function* roundRobin(lists: ArrayLike<number>[]): Steps<Int32Array> {
  const merged = new Int32Array(lists.reduce((total, { length }) => total + length, 0));
  let at = 0;
  let left = lists;
  for (let turn = 0; at < merged.length; turn++) {
    left = left.filter(({ length }) => turn < length);
    yield* inParts(left.length, (start, end) => {
      for (let l = start; l < end; l++) merged[at++] = left[l][turn];
    });
  }
  return merged;
}
