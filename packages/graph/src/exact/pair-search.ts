import { type Block, range, ranges } from '@coreset/core';
import { type CodeTable, createBlockSearch, createCodeProducts, QUERY_ROWS } from '@coreset/kernels';
import { type PairLists, publish } from './pair-lists.js';

/** Searches all rows at once: the score of a pair is pushed to the candidates of both rows. */
export interface PairSearch {
  /**
   * Estimate from a sample of the rows the score that the last entry of these rows' lists will have, so that few pairs enter a
   * list before its threshold has risen. A threshold that is too high leaves the list short, which its bound tells.
   */
  estimateThresholds(rows: Block): Promise<void>;
  /** Search the pairs of these rows with each other and with all rows before them. */
  searchPairs(rows: Block): Promise<void>;
  /** Put this thread's lists where the other threads see them. */
  publishLists(): Promise<void>;
}

/** One in so many rows is in the sample. */
const SAMPLE_STEP = 48;
/** The candidates taken of the sample are so many times their share, so that few lists stay short. */
const CAUTION = 5;
export function createPairSearch(table: CodeTable, rows: number, data: PairLists): PairSearch {
  const { capacity, thresholds } = data;
  const products = createCodeProducts(table, { queries: QUERY_ROWS, lists: rows, candidates: capacity });
  const sample = Int32Array.from({ length: Math.ceil(rows / SAMPLE_STEP) }, (_, i) => i * SAMPLE_STEP);
  const sampleCapacity = Math.ceil((CAUTION * capacity) / SAMPLE_STEP);
  const sampleSearch = createBlockSearch(table, sampleCapacity);
  const lists = data.lists[Atomics.add(data.taken, 0, 1)];

  async function estimateThresholds({ start, end }: Block): Promise<void> {
    const { queries, scan } = await sampleSearch;
    const blocks = ranges(start, end, QUERY_ROWS).map((slots) => queries(slots, sampleCapacity));
    await scan(blocks, sample);
    for (const { slots, lists } of blocks) thresholds.set(lists.thresholds, slots[0]);
  }

  async function searchPairs({ start, end }: Block): Promise<void> {
    const { scan, baseRows, columnsOf, setBase, multiply } = await products;
    const own = scan.lists.thresholds;
    for (let row = 0; row < end; row++) if (thresholds[row] > own[row]) own[row] = thresholds[row];
    const blocks = ranges(start, end, QUERY_ROWS).map((slots) => ({
      first: slots[0],
      last: slots[0] + slots.length,
      columns: columnsOf(slots),
    }));
    for (let base = 0; base < end; base += baseRows) {
      setBase(range(base, Math.min(end, base + baseRows)));
      for (const { first, last, columns } of blocks) {
        // The base goes up to the block itself; later blocks have this one in their base.
        const count = Math.min(last - base, baseRows);
        if (count <= 0) continue;
        await multiply(count, columns);
        scan.pushRows(count, last - first, first);
        scan.queryNormTerms.set(table.normTerms.subarray(first, last));
        scan.pushQueries(Math.min(first - base, count), last - first, first, 0);
      }
    }
    for (let row = 0; row < end; row++) if (own[row] > thresholds[row]) thresholds[row] = own[row];
  }

  async function publishLists(): Promise<void> {
    const { scan } = await products;
    scan.lists.flush(0, rows);
    publish(scan.lists, lists);
  }

  return { estimateThresholds, searchPairs, publishLists };
}
