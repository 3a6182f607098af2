import { RowStore, type VectorReader, type Vectors } from '@coreset/core';

/** Squared Euclidean distances among rows, whose vectors are read once each, in ascending order. */
export class RowDistances {
  private readonly store: RowStore;
  private readonly places: Int32Array;
  private distinct = new Int32Array(0);

  constructor(
    { rows, cols }: Vectors,
    private readonly reader: VectorReader,
  ) {
    this.store = new RowStore(cols);
    this.places = new Int32Array(rows).fill(-1);
  }

  /** Read the listed rows in place of those before; −1 is no row. */
  read(...lists: Int32Array[]): void {
    const { places } = this;
    for (const row of this.distinct) places[row] = -1;
    const listed = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
    let count = 0;
    for (const list of lists) {
      for (const row of list) {
        if (row < 0 || places[row] >= 0) continue;
        places[row] = 0;
        listed[count++] = row;
      }
    }
    this.distinct = listed.subarray(0, count).sort();
    for (let place = 0; place < count; place++) places[this.distinct[place]] = place;
    this.reader.gather(this.distinct, this.store.room(count));
  }

  /** Of two rows that were listed. */
  between(a: number, b: number): number {
    return this.store.squaredDistance(this.places[a], this.places[b]);
  }
}
