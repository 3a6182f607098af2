/** The nearest rows of one query by exact distance; equal distances go to the lowest row. */
export interface NearestList {
  clear(): void;
  offer(row: number, squaredDistance: number): void;
  /** The greatest distance in the list, ∞ while it is not full. */
  farthest(): number;
  /**
   * Write the `k` nearest rows other than `self` into `neighbours` and `distances` from entry `at` on.
   * @returns how many were written
   */
  write(self: number, k: number, neighbours: Int32Array, distances: Float32Array, at: number): number;
}

export function createNearestList(capacity: number): NearestList {
  const rows = new Int32Array(capacity);
  const squared = new Float64Array(capacity);
  let size = 0;
  const isFarther = (at: number, row: number, distance: number): boolean =>
    squared[at] > distance || (squared[at] === distance && rows[at] > row);
  return {
    clear() {
      size = 0;
    },
    offer(row, squaredDistance) {
      if (size === capacity && !isFarther(capacity - 1, row, squaredDistance)) return;
      let at = size < capacity ? size++ : capacity - 1;
      while (at > 0 && isFarther(at - 1, row, squaredDistance)) {
        rows[at] = rows[at - 1];
        squared[at] = squared[at - 1];
        at--;
      }
      rows[at] = row;
      squared[at] = squaredDistance;
    },
    farthest: () => (size < capacity ? Number.POSITIVE_INFINITY : Math.sqrt(squared[capacity - 1])),
    write(self, k, neighbours, distances, at) {
      let written = 0;
      for (let i = 0; i < size && written < k; i++) {
        if (rows[i] === self) continue;
        neighbours[at + written] = rows[i];
        distances[at + written] = Math.sqrt(squared[i]);
        written++;
      }
      return written;
    },
  };
}
