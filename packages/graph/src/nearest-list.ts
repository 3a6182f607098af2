/** The nearest rows of one query by exact distance; equal distances go to the lowest row. */
export class NearestList {
  private readonly rows: Int32Array;
  private readonly squared: Float64Array;
  private size = 0;

  constructor(private readonly capacity: number) {
    this.rows = new Int32Array(capacity);
    this.squared = new Float64Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  push(row: number, squaredDistance: number): void {
    const { rows, squared, capacity } = this;
    if (this.size === capacity && !this.isFarther(capacity - 1, row, squaredDistance)) return;
    let at = this.size < capacity ? this.size++ : capacity - 1;
    while (at > 0 && this.isFarther(at - 1, row, squaredDistance)) {
      rows[at] = rows[at - 1];
      squared[at] = squared[at - 1];
      at--;
    }
    rows[at] = row;
    squared[at] = squaredDistance;
  }

  /** The greatest distance in the list, ∞ while it is not full. */
  farthest(): number {
    return this.size < this.capacity ? Number.POSITIVE_INFINITY : Math.sqrt(this.squared[this.capacity - 1]);
  }

  /**
   * Write the `k` nearest rows other than `self` into `neighbours` and `distances` from entry `at` on.
   * @returns how many were written
   */
  write(self: number, k: number, neighbours: Int32Array, distances: Float32Array, at: number): number {
    let written = 0;
    for (let i = 0; i < this.size && written < k; i++) {
      if (this.rows[i] === self) continue;
      neighbours[at + written] = this.rows[i];
      distances[at + written] = Math.sqrt(this.squared[i]);
      written++;
    }
    return written;
  }

  private isFarther(at: number, row: number, distance: number): boolean {
    return this.squared[at] > distance || (this.squared[at] === distance && this.rows[at] > row);
  }
}
