import { CandidateList } from './candidate-list.js';
import { createCodeProducts } from './code-products.js';
import type { CodeTable } from './code-table.js';
import type { Tensor } from './kernel.js';

/** A block of places whose neighbours are searched together. */
export interface CodeQueries {
  places: Int32Array;
  list: CandidateList;
  columns: Tensor;
}

/** Searches blocks of places among others by their codes. */
export interface CodeKernel {
  /** @param places at most as many as the kernel was made for */
  queries(places: Int32Array, capacity: number): CodeQueries;
  /** Offer the `base` places to each block of queries. */
  scan(blocks: CodeQueries[], base: Int32Array): Promise<void>;
}

/** The most queries of a block, unless there are few rows to search. */
export const QUERY_ROWS = 128;

/**
 * Once per thread; the table's codes must be in place before the first search.
 *
 * @param mostCandidates the greatest capacity of queries
 * @param queryRows the most queries of a block; with few rows to search, more of them share the cost of a call
 */
export async function createCodeKernel(
  table: CodeTable,
  mostCandidates: number,
  queryRows: number = QUERY_ROWS,
): Promise<CodeKernel> {
  const sizes = { queries: queryRows, lists: queryRows, candidates: mostCandidates };
  const { scan, baseRows, columnsOf, setBase, multiply } = await createCodeProducts(table, sizes);
  return {
    queries: (places, capacity) => ({
      places,
      list: new CandidateList(places.length, capacity),
      columns: columnsOf(places),
    }),
    async scan(blocks, base) {
      for (let start = 0; start < base.length; start += baseRows) {
        const rows = base.subarray(start, start + baseRows);
        setBase(rows);
        for (const { list, columns } of blocks) {
          await multiply(rows.length, columns);
          list.offer(scan, rows.length, columns.dims[1]);
        }
      }
    },
  };
}
