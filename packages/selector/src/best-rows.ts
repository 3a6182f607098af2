import { STEP_ITEMS, type Steps } from '@coreset/core';

/** The rows of greatest value among those offered, at most `capacity`: a binary heap with the least on top. */
export class BestRows {
  private readonly rows: Int32Array;
  private readonly values: Float64Array;
  private size = 0;

  constructor(private readonly capacity: number) {
    this.rows = new Int32Array(capacity);
    this.values = new Float64Array(capacity);
  }

  /** Rows come in ascending order, so that of equal values the lowest rows stay. */
  offer(row: number, value: number): void {
    if (this.size < this.capacity) this.rise(row, value, this.size++);
    else if (value > this.values[0]) this.sink(row, value);
  }

  /** The rows by falling value, ties by the lowest row; nothing is left in here. */
  *falling(): Steps<Int32Array> {
    const order = new Int32Array(this.size);
    while (this.size > 0) {
      if (this.size % STEP_ITEMS === 0) yield;
      const last = --this.size;
      order[last] = this.rows[0];
      this.sink(this.rows[last], this.values[last]);
    }
    return order;
  }

  private rise(row: number, value: number, from: number): void {
    const { rows, values } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBelow(row, value, parent)) break;
      rows[at] = rows[parent];
      values[at] = values[parent];
      at = parent;
    }
    rows[at] = row;
    values[at] = value;
  }

  /** In place of the one on top. */
  private sink(row: number, value: number): void {
    const { rows, values, size } = this;
    let at = 0;
    while (2 * at + 1 < size) {
      let child = 2 * at + 1;
      if (child + 1 < size && this.isBelow(rows[child + 1], values[child + 1], child)) child++;
      if (this.isBelow(row, value, child)) break;
      rows[at] = rows[child];
      values[at] = values[child];
      at = child;
    }
    rows[at] = row;
    values[at] = value;
  }

  private isBelow(row: number, value: number, at: number): boolean {
    return value < this.values[at] || (value === this.values[at] && row > this.rows[at]);
  }
}
