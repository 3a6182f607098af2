import { range, ranges, sharedInts } from '@coreset/core';
import {
  type CodeTable,
  createBlockSearch,
  createCodeProducts,
  NO_SCORE,
  QUERY_ROWS,
  type ScannedLists,
  strideOf,
} from '@coreset/kernels';

/** What the threads share that look at each pair of rows once; all arrays in shared memory. */
export interface PairData {
  /** Candidates kept per row. */
  capacity: number;
  /**
   * threads × rows × capacity entries as candidate lists have them, zeros beyond the last: each thread's lists of all
   * rows, from the pairs that it looked at.
   */
  lists: Int32Array[];
  /** Threads that have taken one of the lists. */
  taken: Int32Array;
  /** A score per row that as many rows as a list holds reach, as far as any thread told; what is below needs no place. */
  thresholds: Int32Array;
}

/** Searches the neighbours of all rows at once: a product of two rows is offered to both. */
export interface PairSearch {
  /**
   * Foresee from a sample of the rows what score these rows' lists will reach, so that fewer pairs enter a list for a
   * while. Where that is too high a list stays short, which its bound tells.
   */
  estimateThresholds(rows: { start: number; end: number }): Promise<void>;
  /** Look at the pairs of these rows with each other and with all rows before them. */
  searchPairs(rows: { start: number; end: number }): Promise<void>;
  /** Put this thread's lists where the others see them. */
  publishLists(): void;
}

/** One in so many rows is in the sample. */
const SAMPLE_STEP = 48;
/** Of the candidates of the sample so many times their share reach what is foreseen: few enough lists stay short. */
const CAUTION = 5;
/** What the lists of all threads take at most, so that many threads do not fill the memory. */
const MOST_BYTES = 2 ** 29;

/** Bytes of the lists of all threads; 0 where they would take too much memory, so that there are none. */
export function pairListBytes(rows: number, capacity: number, threads: number): number {
  const bytes = threads * rows * capacity * 8;
  return bytes > MOST_BYTES ? 0 : bytes;
}

/** @returns undefined where the threads' lists would take too much memory */
export function sharePairs(rows: number, capacity: number, threads: number): PairData | undefined {
  if (pairListBytes(rows, capacity, threads) === 0) return undefined;
  return {
    capacity,
    lists: Array.from({ length: threads }, () => sharedInts(2 * rows * capacity)),
    taken: sharedInts(1),
    thresholds: sharedInts(rows).fill(NO_SCORE),
  };
}

export function createPairSearch(table: CodeTable, rows: number, data: PairData): PairSearch {
  const { capacity, thresholds } = data;
  const products = createCodeProducts(table, { queries: QUERY_ROWS, lists: rows, candidates: capacity });
  const sample = Int32Array.from({ length: Math.ceil(rows / SAMPLE_STEP) }, (_, i) => i * SAMPLE_STEP);
  const sampleCapacity = Math.ceil((CAUTION * capacity) / SAMPLE_STEP);
  const sampleKernel = createBlockSearch(table, sampleCapacity);
  const lists = data.lists[Atomics.add(data.taken, 0, 1)];

  async function estimateThresholds({ start, end }: { start: number; end: number }): Promise<void> {
    const { queries, scan } = await sampleKernel;
    const blocks = ranges(start, end, QUERY_ROWS).map((slots) => queries(slots, sampleCapacity));
    await scan(blocks, sample);
    for (const { slots, lists } of blocks) thresholds.set(lists.thresholds, slots[0]);
  }

  async function searchPairs({ start, end }: { start: number; end: number }): Promise<void> {
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
        // Rows up to the block's own, which it sees among themselves; those behind it will see it.
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
    copyLists(scan.lists, lists);
  }

  return { estimateThresholds, searchPairs, publishLists };
}

function copyLists({ entries, capacity, sizes }: ScannedLists, to: Int32Array): void {
  const stride = strideOf(capacity);
  for (let list = 0; list < sizes.length; list++) {
    const from = list * stride;
    to.set(entries.subarray(from, from + 2 * sizes[list]), 2 * list * capacity);
  }
}

/**
 * Bring the threads' lists of consecutive rows together.
 *
 * @param rows per row `capacity` of greatest score, equal scores by rising row, −1 beyond the last
 * @param bounds what no row exceeds that is not among them
 */
export function mergeLists(
  { capacity, lists, thresholds }: PairData,
  start: number,
  rows: Int32Array,
  scores: Int32Array,
  bounds: Int32Array,
): void {
  const at = new Int32Array(lists.length);
  for (let i = 0, to = 0; i < bounds.length; i++) {
    const first = 2 * (start + i) * capacity;
    at.fill(first);
    for (let e = 0; e < capacity; e++, to++) {
      let best = -1;
      for (let t = 0; t < lists.length; t++) {
        if (at[t] === first + 2 * capacity || lists[t][at[t]] === 0) continue;
        if (best < 0 || isNearer(lists[t], at[t], lists[best], at[best])) best = t;
      }
      rows[to] = best < 0 ? -1 : ~lists[best][at[best]];
      scores[to] = best < 0 ? NO_SCORE : lists[best][at[best] + 1];
      if (best >= 0) at[best] += 2;
    }
    // A list that is not full lacks what lies below what was foreseen.
    bounds[i] = rows[to - 1] < 0 ? thresholds[start + i] : scores[to - 1];
  }
}

function isNearer(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  return a[atA + 1] > b[atB + 1] || (a[atA + 1] === b[atB + 1] && a[atA] > b[atB]);
}
