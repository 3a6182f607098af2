import type { Tensor } from '../onnx/session.js';
import { type CandidateLists, candidateLists } from './candidate-lists.js';
import { createCodeProducts } from './code-products.js';
import type { CodeTable } from './code-table.js';

/** A block of slots whose neighbours are searched together. */
export interface QueryBlock {
  slots: Int32Array;
  lists: CandidateLists;
  columns: Tensor;
}

/** Searches blocks of slots among others by their codes. */
export interface BlockSearch {
  /** @param slots at most as many as the kernel was made for */
  queries(slots: Int32Array, capacity: number): QueryBlock;
  /** Offer the `base` slots to each block of queries, all of the same capacity. */
  scan(blocks: QueryBlock[], base: Int32Array): Promise<void>;
}

/** Blocks whose lists are in the scan's memory at once, unless they would have more entries than these. */
const BLOCKS_AT_ONCE = 16;
const ENTRIES_AT_ONCE = 2 ** 22;
/** The most queries of a block. */
export const QUERY_ROWS = 128;

/**
 * Once per thread; the table's codes must be in place before the first search.
 *
 * @param mostCandidates the greatest capacity of queries
 */
export async function createBlockSearch(table: CodeTable, mostCandidates: number): Promise<BlockSearch> {
  const fitting = Math.floor(ENTRIES_AT_ONCE / (QUERY_ROWS * mostCandidates));
  const blocksAtOnce = Math.max(1, Math.min(BLOCKS_AT_ONCE, fitting));
  const sizes = { queries: QUERY_ROWS, lists: blocksAtOnce * QUERY_ROWS, candidates: mostCandidates };
  const { scan, baseRows, columnsOf, setBase, multiply } = await createCodeProducts(table, sizes);

  /** The lists of the blocks stay in the scan's memory meanwhile. */
  async function scanAtOnce(blocks: QueryBlock[], base: Int32Array): Promise<void> {
    scan.lists.setCapacity(blocks[0].lists.capacity);
    blocks.forEach(({ lists }, b) => {
      scan.lists.load(lists, b * QUERY_ROWS);
    });
    for (let start = 0; start < base.length; start += baseRows) {
      const rows = base.subarray(start, start + baseRows);
      setBase(rows);
      for (let b = 0; b < blocks.length; b++) {
        const { columns, slots } = blocks[b];
        await multiply(rows.length, columns);
        scan.pushRows(rows.length, slots.length, b * QUERY_ROWS);
      }
    }
    blocks.forEach(({ lists }, b) => {
      scan.lists.save(lists, b * QUERY_ROWS);
    });
  }

  return {
    queries: (slots, capacity) => ({
      slots,
      lists: candidateLists(slots.length, capacity),
      columns: columnsOf(slots),
    }),
    async scan(blocks, base) {
      for (let b = 0; b < blocks.length; b += blocksAtOnce) {
        await scanAtOnce(blocks.slice(b, b + blocksAtOnce), base);
      }
    },
  };
}
