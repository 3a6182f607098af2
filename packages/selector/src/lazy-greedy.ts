/** Each band of gains goes down to this share of its greatest. */
const BAND = 0.92;

/**
 * Lazy greedy (Minoux 1978): rows by gains that only fall. A gain that was computed once bounds the row's gain from then
 * on, so that it is computed anew only where the bound is among the greatest. Rows are looked at in bands of falling bounds:
 * a band's rows are in a small heap, all others wait for a scan in row order, which memory is quick at.
 */
export class LazyGreedy {
  /** Gain of each row when it was last computed; −∞ of rows that are gone. */
  private readonly bounds: Float64Array;
  /** Gain of each row that was taken when it was. */
  private readonly gainWhenTaken: Float64Array;
  /** All rows whose gain reaches this are in the heap. */
  private threshold = Number.POSITIVE_INFINITY;
  /** The greatest bound of the rows that are not in the heap, or more. */
  private below = Number.NEGATIVE_INFINITY;
  /** A binary heap of rows by gain, ties by lowest row. */
  private readonly heap: number[] = [];
  private readonly heapGains: number[] = [];
  /** The row that {@link best} found, until a gain may have changed. */
  private found = -1;

  /** @param gainOf a row's gain now; at least 0, and never more than before */
  constructor(
    rows: number,
    private readonly gainOf: (row: number) => number,
  ) {
    this.bounds = new Float64Array(rows).fill(Number.MAX_VALUE);
    this.gainWhenTaken = new Float64Array(rows);
  }

  /** The row of greatest gain, −1 when none is left. */
  best(): number {
    const { heap, heapGains, bounds, gainOf } = this;
    while (true) {
      if (heap.length === 0 && !this.nextBand()) return -1;
      if (heap.length === 0) continue;
      const row = heap[0];
      if (bounds[row] === Number.NEGATIVE_INFINITY) {
        this.dropTop();
        continue;
      }
      const gain = gainOf(row);
      if (gain === heapGains[0]) {
        this.found = row;
        return row;
      }
      bounds[row] = gain;
      if (gain >= this.threshold) this.sink(gain, row, 0);
      else {
        this.dropTop();
        if (gain > this.below) this.below = gain;
      }
    }
  }

  /** A row that is left is taken. */
  take(row: number): void {
    this.gainWhenTaken[row] = row === this.found ? this.bounds[row] : this.gainOf(row);
    this.found = -1;
    this.bounds[row] = Number.NEGATIVE_INFINITY;
  }

  /** A row that is left is passed over. */
  pass(row: number): void {
    this.gainWhenTaken[row] = Number.NaN; // not known yet
    this.bounds[row] = Number.NEGATIVE_INFINITY;
  }

  /** Gain of each row now; of a row that was taken the gain that it had then. */
  gains(): Float64Array {
    return this.gainWhenTaken.map((gain, row) =>
      this.bounds[row] === Number.NEGATIVE_INFINITY && !Number.isNaN(gain) ? gain : this.gainOf(row),
    );
  }

  /** @returns whether any row is left */
  private nextBand(): boolean {
    const { bounds, heap, heapGains, gainOf } = this;
    const isFirst = this.threshold === Number.POSITIVE_INFINITY;
    if (isFirst) {
      for (let row = 0; row < bounds.length; row++) {
        if (bounds[row] === Number.NEGATIVE_INFINITY) continue;
        bounds[row] = gainOf(row);
        if (bounds[row] > this.below) this.below = bounds[row];
      }
    }
    if (this.below === Number.NEGATIVE_INFINITY) return false;
    const threshold = this.below * BAND;
    let below = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < bounds.length; row++) {
      if (bounds[row] >= threshold) {
        if (!isFirst) bounds[row] = gainOf(row);
        if (bounds[row] >= threshold) {
          heap.push(row);
          heapGains.push(bounds[row]);
          continue;
        }
      }
      if (bounds[row] > below) below = bounds[row];
    }
    this.threshold = threshold;
    this.below = below;
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) this.sink(heapGains[at], heap[at], at);
    return true;
  }

  private dropTop(): void {
    const { heap, heapGains } = this;
    const row = heap.pop() as number;
    const gain = heapGains.pop() as number;
    if (heap.length > 0) this.sink(gain, row, 0);
  }

  /** Move the free place downwards until the row fits there. */
  private sink(gain: number, row: number, from: number): void {
    const { heap, heapGains } = this;
    const half = heap.length >> 1;
    let at = from;
    while (at < half) {
      let child = 2 * at + 1;
      const right = child + 1;
      if (
        right < heap.length &&
        (heapGains[right] > heapGains[child] || (heapGains[right] === heapGains[child] && heap[right] < heap[child]))
      )
        child = right;
      if (gain > heapGains[child] || (gain === heapGains[child] && row < heap[child])) break;
      heap[at] = heap[child];
      heapGains[at] = heapGains[child];
      at = child;
    }
    heap[at] = row;
    heapGains[at] = gain;
  }
}
