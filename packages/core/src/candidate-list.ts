import type { ScoreScan } from './score-scan.js';

/** Below every score. */
export const NO_SCORE = -0x80000000;

/** Above every score. */
export const UNREACHABLE = 0x7fffffff;

const MOST_ROOM = 16;

/** New entries of a list are merged into it so many at a time. */
export function roomOf(capacity: number): number {
  return Math.min(MOST_ROOM, Math.ceil(capacity / 2));
}

/** For each of `count` queries the `capacity` rows of greatest integer score, equal scores by rising row. */
export class CandidateList {
  /**
   * Entries of query q begin at 2 · q · (capacity + {@link roomOf} capacity): a row with all bits turned and then its
   * score, so that as one number of 64 bits a nearer entry is greater.
   */
  readonly entries: Int32Array;
  readonly sizes: Int32Array;
  /** Per query what no row that is not listed exceeds: the least score of a full list, before that {@link NO_SCORE} or more. */
  readonly thresholds: Int32Array;
  private readonly stride: number;

  constructor(
    readonly count: number,
    readonly capacity: number,
  ) {
    this.stride = 2 * (capacity + roomOf(capacity));
    this.entries = new Int32Array(count * this.stride);
    this.sizes = new Int32Array(count);
    this.thresholds = new Int32Array(count).fill(NO_SCORE);
  }

  /** Begin a query's list with what {@link write} gave, from entry `at` on. */
  begin(query: number, rows: Int32Array, scores: Int32Array, at: number): void {
    const { entries, sizes, thresholds, capacity } = this;
    let size = 0;
    for (let to = query * this.stride; size < capacity && rows[at + size] >= 0; size++) {
      entries[to++] = ~rows[at + size];
      entries[to++] = scores[at + size];
    }
    sizes[query] = size;
    if (size === capacity) thresholds[query] = scores[at + capacity - 1];
  }

  /** Write the rows, count × capacity, and their scores, if asked for, from entry `at` on; rows are −1 beyond the last. */
  write(rows: Int32Array, at: number, scores?: Int32Array): void {
    const { entries, sizes, capacity } = this;
    let to = at;
    for (let q = 0; q < this.count; q++) {
      const size = sizes[q];
      for (let e = 0, from = q * this.stride; e < capacity; e++, from += 2, to++) {
        rows[to] = e < size ? ~entries[from] : -1;
        if (scores !== undefined) scores[to] = entries[from + 1];
      }
    }
  }

  /**
   * Take these lists into a scan, as its lists `first` and after; those from the last up to `width` are closed to all rows.
   * The scan has been told their capacity.
   */
  load({ lists }: ScoreScan, first: number, width: number): void {
    lists.entries.set(this.entries, first * this.stride);
    lists.sizes.set(this.sizes, first);
    lists.thresholds.set(this.thresholds, first);
    lists.thresholds.fill(UNREACHABLE, first + this.count, first + width);
  }

  /** Take them back. */
  save({ lists, settle }: ScoreScan, first: number): void {
    settle(first, this.count);
    const start = first * this.stride;
    this.entries.set(lists.entries.subarray(start, start + this.entries.length));
    this.sizes.set(lists.sizes.subarray(first, first + this.count));
    this.thresholds.set(lists.thresholds.subarray(first, first + this.count));
  }
}
