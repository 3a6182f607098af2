import { CoresetError } from '@coreset/core';

/** What onnxruntime and its devices say when they have no memory for what is asked. */
const WORDS =
  /out of memory|outofmemory|alloc_failed|bad[ _]alloc|failed to allocate|smaller than requested bytes|not enough memory|8007000e/i;

/** A model that has no memory for a batch. */
export class OutOfMemory extends CoresetError {
  /** Whether an error of onnxruntime is one of memory. */
  static saysSo(line: string): boolean {
    return WORDS.test(line);
  }
}

/** Batches that a device has memory for: one that was too large runs in halves, and those behind it are no larger. */
export class FittingBatches {
  constructor(private most: number) {}

  /**
   * Run items in batches, in their order.
   * @param run may be called again with a part of the items that it had no memory for
   * @throws whatever `run` throws, an {@link OutOfMemory} only of a single item
   */
  async run<Item>(items: readonly Item[], run: (batch: Item[], start: number) => Promise<void>): Promise<void> {
    for (let start = 0; start < items.length; ) {
      const batch = items.slice(start, start + this.most);
      try {
        await run(batch, start);
        start += batch.length;
      } catch (error) {
        if (!(error instanceof OutOfMemory) || batch.length === 1) throw error;
        this.most = Math.ceil(batch.length / 2);
      }
    }
  }
}
