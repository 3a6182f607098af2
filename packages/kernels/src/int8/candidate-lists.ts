/** Below every score. */
export const NO_SCORE = -0x80000000;

/** Above every score. */
export const UNREACHABLE = 0x7fffffff;

const MOST_ROOM = 16;

/** New entries of a list are merged into it so many at a time. */
export function roomOf(capacity: number): number {
  return Math.min(MOST_ROOM, Math.ceil(capacity / 2));
}

/** Numbers of {@link CandidateLists} entries per list. */
export function strideOf(capacity: number): number {
  return 2 * (capacity + roomOf(capacity));
}

/** Per list the `capacity` rows of greatest integer score, equal scores by rising row. */
export class CandidateLists {
  /**
   * @param entries those of list l begin at l · {@link strideOf}: a row with all bits turned and then its score, so that as
   * one number of 64 bits a nearer entry is greater
   * @param thresholds per list what no row that is not listed exceeds: the least score of a full list, before that
   * {@link NO_SCORE} or more
   */
  constructor(
    readonly entries: Int32Array,
    readonly sizes: Int32Array,
    readonly thresholds: Int32Array,
    public capacity: number,
  ) {}

  /** Begin an empty list with what {@link write} gave, from entry `at` on. */
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
   * Write the rows of consecutive lists, count × capacity, and their scores, if asked for, from entry `at` on; rows are −1
   * beyond the last.
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
