/** For each of `count` queries the `capacity` rows of greatest integer score, and the greatest score that was left out. */
export interface CandidateList {
  rows: Int32Array;
  scores: Int32Array;
  sizes: Int32Array;
  /** Per query the greatest score of what is not in its list, `NOTHING_LEFT_OUT` if all is. */
  leftOut: Int32Array;
  /** Offer one row; false if the list is full of better ones, or equal ones offered before. */
  offer(query: number, row: number, score: number): boolean;
  /** Note that rows of at most this score were not offered. */
  leave(query: number, score: number): void;
  clear(): void;
}

/** Below every score. */
export const NOTHING_LEFT_OUT = -0x80000000;

/** Entries of query q are `rows[q · capacity]` onward, by falling score; equal scores stand in the order of their offers. */
export function createCandidateList(count: number, capacity: number): CandidateList {
  const rows = new Int32Array(count * capacity);
  const scores = new Int32Array(count * capacity);
  const sizes = new Int32Array(count);
  const leftOut = new Int32Array(count).fill(NOTHING_LEFT_OUT);
  return {
    rows,
    scores,
    sizes,
    leftOut,
    offer(query, row, score) {
      const first = query * capacity;
      let at = first + sizes[query];
      if (sizes[query] < capacity) {
        sizes[query]++;
      } else {
        at--;
        if (scores[at] >= score) {
          if (score > leftOut[query]) leftOut[query] = score;
          return false;
        }
        if (scores[at] > leftOut[query]) leftOut[query] = scores[at];
      }
      while (at > first && scores[at - 1] < score) {
        rows[at] = rows[at - 1];
        scores[at] = scores[at - 1];
        at--;
      }
      rows[at] = row;
      scores[at] = score;
      return true;
    },
    leave(query, score) {
      if (score > leftOut[query]) leftOut[query] = score;
    },
    clear() {
      sizes.fill(0);
      leftOut.fill(NOTHING_LEFT_OUT);
    },
  };
}
