import { sharedInts } from '@coreset/core';
import { NO_SCORE, type ScannedLists, strideOf } from '@coreset/kernels';

/** Candidate lists of all rows on each thread, of the pairs that the thread has searched; all arrays in shared memory. */
export interface PairLists {
  /** Candidates kept per row. */
  capacity: number;
  /** Per thread rows × capacity entries of `CandidateLists`, zeros beyond the last of a list; empty until they are published. */
  lists: Int32Array[];
  /** How many threads have taken one of the lists. */
  taken: Int32Array;
  /** Per row the greatest threshold so far, estimated or of any thread's list: candidates with a lower score are skipped. */
  thresholds: Int32Array;
}

/** Bytes of the lists of all threads, at most. */
const MOST_BYTES = 2 ** 29;

/** Bytes of the lists of all threads; 0 where they would take too much memory, so that there are none. */
export function pairListBytes(rows: number, capacity: number, threads: number): number {
  const bytes = threads * rows * capacity * 8;
  return bytes > MOST_BYTES ? 0 : bytes;
}

/** Empty lists. @returns undefined where they would take too much memory */
export function createPairLists(rows: number, capacity: number, threads: number): PairLists | undefined {
  if (pairListBytes(rows, capacity, threads) === 0) return undefined;
  return {
    capacity,
    lists: Array.from({ length: threads }, () => sharedInts(2 * rows * capacity)),
    taken: sharedInts(1),
    thresholds: sharedInts(rows).fill(NO_SCORE),
  };
}

/** Copy a thread's lists to where the other threads see them. */
export function publish({ entries, capacity, sizes }: ScannedLists, to: Int32Array): void {
  const stride = strideOf(capacity);
  for (let list = 0; list < sizes.length; list++) {
    const from = list * stride;
    to.set(entries.subarray(from, from + 2 * sizes[list]), 2 * list * capacity);
  }
}

/**
 * Merge the threads' lists of consecutive rows, `start` and after.
 *
 * @param rows becomes per row the `capacity` candidates of greatest score, equal scores by rising row, −1 beyond the last
 * @param bounds becomes per row an upper bound of the scores of all other rows
 */
export function mergeLists(
  { capacity, lists, thresholds }: PairLists,
  start: number,
  rows: Int32Array,
  scores: Int32Array,
  bounds: Int32Array,
): void {
  const at = new Int32Array(lists.length);
  for (let i = 0, to = 0; i < bounds.length; i++) {
    const first = 2 * (start + i) * capacity;
    at.fill(first);
    for (let e = 0; e < capacity; e++, to++) {
      let best = -1;
      for (let t = 0; t < lists.length; t++) {
        if (at[t] === first + 2 * capacity || lists[t][at[t]] === 0) continue;
        if (best < 0 || isNearer(lists[t], at[t], lists[best], at[best])) best = t;
      }
      rows[to] = best < 0 ? -1 : ~lists[best][at[best]];
      scores[to] = best < 0 ? NO_SCORE : lists[best][at[best] + 1];
      if (best >= 0) at[best] += 2;
    }
    // A list that is not full lacks candidates below its threshold.
    bounds[i] = rows[to - 1] < 0 ? thresholds[start + i] : scores[to - 1];
  }
}

function isNearer(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  return a[atA + 1] > b[atB + 1] || (a[atA + 1] === b[atB + 1] && a[atA] > b[atB]);
}
