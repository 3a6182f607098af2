import { readFileSync } from 'node:fs';

/** Queries are scanned sixteen at a time. */
export const QUERY_MULTIPLE = 16;
/** Rows that one call scans at most: its hits are judged by the thresholds from before it. */
const ROWS_PER_SCAN = 16;
const NUMBERS_PER_HIT = 3;
const PAGE_BYTES = 65_536;

/** Looks through integer products for scores above a threshold, in WebAssembly; its arrays lie in the module's memory. */
export interface ThresholdScan {
  /** rows × queries. */
  products: Int32Array;
  /** Half a squared norm per row; a score is a product less that. */
  halfNorms: Int32Array;
  /** Per query the score to exceed. */
  thresholds: Int32Array;
  /**
   * Give every row and query whose score exceeds the query's threshold to `use`, by rising row, then query. It may raise
   * thresholds, which need not hold at once.
   *
   * @param rows that hold products
   * @param queries a multiple of {@link QUERY_MULTIPLE}
   */
  scan(rows: number, queries: number, use: (row: number, query: number, score: number) => void): void;
}

type Scan = (
  products: number,
  halfNorms: number,
  thresholds: number,
  hits: number,
  queries: number,
  row: number,
  end: number,
) => number;

let compiled: WebAssembly.Module | undefined;

/** For at most so many rows and queries. */
export function createThresholdScan(rows: number, queries: number): ThresholdScan {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./threshold-scan.wasm', import.meta.url)));
  const lengths = [rows * queries, rows, queries, ROWS_PER_SCAN * queries * NUMBERS_PER_HIT];
  const bytes = 4 * lengths.reduce((sum, length) => sum + length);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  let filled = 0;
  const [products, halfNorms, thresholds, hits] = lengths.map((length) => {
    const array = new Int32Array(memory.buffer, filled, length);
    filled += array.byteLength;
    return array;
  });
  const scan = new WebAssembly.Instance(compiled, { env: { memory } }).exports.scan as Scan;
  return {
    products,
    halfNorms,
    thresholds,
    scan(rowCount, queryCount, use) {
      for (let row = 0; row < rowCount; row += ROWS_PER_SCAN) {
        const count = scan(
          products.byteOffset,
          halfNorms.byteOffset,
          thresholds.byteOffset,
          hits.byteOffset,
          queryCount,
          row,
          Math.min(row + ROWS_PER_SCAN, rowCount),
        );
        for (let h = 0; h < count * NUMBERS_PER_HIT; h += NUMBERS_PER_HIT) use(hits[h], hits[h + 1], hits[h + 2]);
      }
    },
  };
}
