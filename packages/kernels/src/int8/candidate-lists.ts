/** Below every score. */
export const NO_SCORE = -0x80000000;

/** Above every score. */
export const UNREACHABLE = 0x7fffffff;

const MOST_ROOM = 16;

/** Entries that are pushed wait, at most so many per list, until they are merged into the list. */
export function roomOf(capacity: number): number {
  return Math.min(MOST_ROOM, Math.ceil(capacity / 2));
}

/** Numbers that a list takes in {@link CandidateLists.entries}: two per entry, for the list and for what waits. */
export function strideOf(capacity: number): number {
  return 2 * (capacity + roomOf(capacity));
}

/** Candidate lists: per query the `capacity` rows of greatest integer score, equal scores by rising row. */
export class CandidateLists {
  /**
   * @param entries the entries of list l begin at l · {@link strideOf}. An entry is two numbers, ~row and score: read as one
   * number of 64 bits (little-endian), the entry of greater score is greater, and of equal scores that of the lower row
   * @param sizes entries of each list
   * @param thresholds per list an upper bound: every row that is missing from the list has a score of at most this. It is the
   * least score of a full list; before that {@link NO_SCORE} or more
   */
  constructor(
    readonly entries: Int32Array,
    readonly sizes: Int32Array,
    readonly thresholds: Int32Array,
    public capacity: number,
  ) {}

  /** Begin an empty list with entries that {@link write} wrote, from entry `at` on. */
  begin(list: number, rows: Int32Array, scores: Int32Array, at: number): void {
    const { entries, sizes, thresholds, capacity } = this;
    let size = 0;
    for (let to = list * strideOf(capacity); size < capacity && rows[at + size] >= 0; size++) {
      entries[to++] = ~rows[at + size];
      entries[to++] = scores[at + size];
    }
    sizes[list] = size;
    if (size === capacity) thresholds[list] = scores[at + capacity - 1];
  }

  /**
   * Write the rows of consecutive lists, count × capacity, from entry `at` on, −1 beyond the last of a list; and their scores
   * where `scores` is given.
   */
  write(first: number, count: number, rows: Int32Array, at: number, scores?: Int32Array): void {
    const { entries, sizes, capacity } = this;
    const stride = strideOf(capacity);
    let to = at;
    for (let list = first; list < first + count; list++) {
      const size = sizes[list];
      for (let e = 0, from = list * stride; e < capacity; e++, from += 2, to++) {
        rows[to] = e < size ? ~entries[from] : -1;
        if (scores !== undefined) scores[to] = entries[from + 1];
      }
    }
  }
}

/** Empty lists of `count` queries. */
export function candidateLists(count: number, capacity: number): CandidateLists {
  const entries = new Int32Array(count * strideOf(capacity));
  return new CandidateLists(entries, new Int32Array(count), new Int32Array(count).fill(NO_SCORE), capacity);
}
