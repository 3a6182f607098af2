/** Below every score. */
export const NO_SCORE = -0x80000000;

/** For each of `count` queries the `capacity` rows of greatest integer score. */
export class CandidateList {
  /**
   * Entries of query q are at 2 · q · capacity onward, a row and then its score, by falling score; equal scores stand in
   * the order in which they were offered.
   */
  readonly entries: Int32Array;
  readonly sizes: Int32Array;
  /** Per query the least score of a full list, which no row that is not listed exceeds; {@link NO_SCORE} while there is room. */
  readonly thresholds: Int32Array;

  constructor(
    readonly count: number,
    readonly capacity: number,
  ) {
    this.entries = new Int32Array(2 * count * capacity);
    this.sizes = new Int32Array(count);
    this.thresholds = new Int32Array(count).fill(NO_SCORE);
  }

  /** Begin a query's list with rows of falling score, read from entry `at` on; −1 ends them. */
  begin(query: number, rows: Int32Array, scores: Int32Array, at: number): void {
    const { entries, sizes, thresholds, capacity } = this;
    let size = 0;
    for (let to = 2 * query * capacity; size < capacity && rows[at + size] >= 0; size++) {
      entries[to++] = rows[at + size];
      entries[to++] = scores[at + size];
    }
    sizes[query] = size;
    if (size === capacity) thresholds[query] = scores[at + capacity - 1];
  }

  /** Write the lists, count × capacity rows and scores each, from entry `at` on; rows are −1 beyond the last. */
  write(rows: Int32Array, scores: Int32Array, at: number): void {
    const { entries, sizes, capacity } = this;
    for (let q = 0, from = 0; q < this.count; q++) {
      for (let e = 0; e < capacity; e++, from += 2, at++) {
        rows[at] = e < sizes[q] ? entries[from] : -1;
        scores[at] = entries[from + 1];
      }
    }
  }
}
