import { readFileSync } from 'node:fs';
import type { CandidateList } from './candidate-list.js';

/** Queries are looked at sixteen at a time. */
export const QUERY_MULTIPLE = 16;
/** Above every score. */
const UNREACHABLE = 0x7fffffff;
const PAGE_BYTES = 65_536;

/** Looks through integer products and offers rows to candidate lists, in WebAssembly; its arrays lie in the module's memory. */
export interface ScoreScan {
  /** rows × queries. */
  products: Int32Array;
  /** Half a squared norm per row; a score is a product less that. */
  halfNorms: Int32Array;
  /** The number under which each row is listed. */
  base: Int32Array;
  /**
   * Offer the rows to the lists, by rising row.
   *
   * @param rows that hold products
   * @param queries the columns of the products: those of the list, up to the next multiple of {@link QUERY_MULTIPLE}
   */
  offer(list: CandidateList, rows: number, queries: number): void;
}

type Offer = (...numbers: number[]) => void;

let compiled: WebAssembly.Module | undefined;

/** For at most so many rows and queries, and any list of at most `capacity`. */
export function createScoreScan(rows: number, queries: number, capacity: number): ScoreScan {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./offer-scores.wasm', import.meta.url)));
  const lengths = [2 * queries * capacity, rows * queries, rows, rows, queries, queries];
  const bytes = 4 * lengths.reduce((sum, length) => sum + length);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  let filled = 0;
  const [entries, products, halfNorms, base, thresholds, sizes] = lengths.map((length) => {
    const array = new Int32Array(memory.buffer, filled, length);
    filled += array.byteLength;
    return array;
  });
  const offer = new WebAssembly.Instance(compiled, { env: { memory } }).exports.offer as Offer;
  const addresses = [products, halfNorms, base, thresholds, sizes, entries].map((array) => array.byteOffset);
  return {
    products,
    halfNorms,
    base,
    offer(list, rowCount, queryCount) {
      entries.set(list.entries);
      sizes.set(list.sizes);
      thresholds.set(list.thresholds);
      thresholds.fill(UNREACHABLE, list.count, queryCount);
      offer(...addresses, rowCount, queryCount, list.capacity);
      list.entries.set(entries.subarray(0, list.entries.length));
      list.sizes.set(sizes.subarray(0, list.count));
      list.thresholds.set(thresholds.subarray(0, list.count));
    },
  };
}
