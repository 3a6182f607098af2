/** For each of `count` queries the `capacity` rows of greatest integer score, and the greatest score that was left out. */
export interface CandidateList {
  rows: Int32Array;
  scores: Int32Array;
  sizes: Int32Array;
  /** Per query the greatest score of what is not in its list, `NOTHING_LEFT_OUT` if all is. */
  leftOut: Int32Array;
  /** Offer one row; of equal scores the ones offered first stay, and a row that is in the list is not listed again. */
  offer(query: number, row: number, score: number): void;
  /** The least score in a full list, below every score while it is not full. */
  worst(query: number): number;
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
      const end = first + sizes[query];
      let at = end;
      while (at > first && scores[at - 1] < score) at--;
      for (let same = at - 1; same >= first && scores[same] === score; same--) if (rows[same] === row) return;
      let last = end;
      if (sizes[query] < capacity) {
        sizes[query]++;
      } else {
        last--;
        this.leave(query, at < end ? scores[last] : score);
        if (at === end) return;
      }
      for (; last > at; last--) {
        rows[last] = rows[last - 1];
        scores[last] = scores[last - 1];
      }
      rows[at] = row;
      scores[at] = score;
    },
    worst: (query) => (sizes[query] < capacity ? NOTHING_LEFT_OUT : scores[(query + 1) * capacity - 1]),
    leave(query, score) {
      if (score > leftOut[query]) leftOut[query] = score;
    },
    clear() {
      sizes.fill(0);
      leftOut.fill(NOTHING_LEFT_OUT);
    },
  };
}
