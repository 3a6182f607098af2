import type { Tensor } from '../onnx/session.js';
import { type CandidateLists, candidateLists } from './candidate-lists.js';
import { createCodeProducts } from './code-products.js';
import type { CodeTable } from './code-table.js';

/** Rows, by slot, whose neighbours are searched in one product. */
export interface QueryBlock {
  slots: Int32Array;
  lists: CandidateLists;
  columns: Tensor;
}

/** Finds the candidates of blocks of queries by codes. */
export interface BlockSearch {
  /** @param slots at most {@link QUERY_ROWS} @param capacity candidates per query */
  queries(slots: Int32Array, capacity: number): QueryBlock;
  /** Push the rows at the `base` slots to the candidates of each block of queries; all blocks have the same capacity. */
  scan(blocks: QueryBlock[], base: Int32Array): Promise<void>;
}

/** Blocks whose lists are in the scan's memory at once; fewer where their lists would have more entries than this. */
const BLOCKS_AT_ONCE = 16;
const ENTRIES_AT_ONCE = 2 ** 22;
/** The most queries of a block. */
export const QUERY_ROWS = 128;

/**
 * Made once per thread. The codes must be in the table before the first search.
 *
 * @param mostCandidates the greatest capacity of any query
 */
export async function createBlockSearch(table: CodeTable, mostCandidates: number): Promise<BlockSearch> {
  const fitting = Math.floor(ENTRIES_AT_ONCE / (QUERY_ROWS * mostCandidates));
  const blocksAtOnce = Math.max(1, Math.min(BLOCKS_AT_ONCE, fitting));
  const sizes = { queries: QUERY_ROWS, lists: blocksAtOnce * QUERY_ROWS, candidates: mostCandidates };
  const { scan, baseRows, columnsOf, setBase, multiply } = await createCodeProducts(table, sizes);

  /** Search few enough blocks that all their lists fit in the scan's memory. */
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
