import type { VectorReader, Vectors, WasmMemory } from '@coreset/core';
import { StoredRows } from '@coreset/kernels';

/**
 * Exact distances among rows, in float64. Rows that are not in a WebAssembly memory are read into one, each once, in ascending
 * order.
 */
export class RowDistances {
  private readonly store: StoredRows;
  /** Where each row was read to, −1 for nowhere; undefined where all rows are in the memory. */
  private readonly slots: Int32Array | undefined;
  private distinct = new Int32Array(0);

  constructor(
    { rows, cols }: Vectors,
    private readonly reader: VectorReader,
    memory?: WasmMemory,
  ) {
    this.store = new StoredRows(cols, memory);
    this.slots = memory ? undefined : new Int32Array(rows).fill(-1);
  }

  /** Read the listed rows in place of those before; −1 is no row. */
  read(...lists: Int32Array[]): void {
    const { slots } = this;
    if (slots === undefined) return;
    for (const row of this.distinct) slots[row] = -1;
    const listed = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
    let count = 0;
    for (const list of lists) {
      for (const row of list) {
        if (row < 0 || slots[row] >= 0) continue;
        slots[row] = 0;
        listed[count++] = row;
      }
    }
    this.distinct = listed.subarray(0, count).sort();
    for (let slot = 0; slot < count; slot++) slots[this.distinct[slot]] = slot;
    this.reader.gather(this.distinct, this.store.room(count));
  }

  /** The squared Euclidean distance of two rows that were listed. */
  between(a: number, b: number): number {
    const { slots, store } = this;
    return slots ? store.squaredDistance(slots[a], slots[b]) : store.squaredDistance(a, b);
  }
}
