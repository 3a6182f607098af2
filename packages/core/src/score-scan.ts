import { NO_SCORE, roomOf, UNREACHABLE } from './candidate-list.js';
import { instantiate, pagesOf } from './webassembly.js';

/** Queries are looked at sixteen at a time. */
export const QUERY_MULTIPLE = 16;

/**
 * Looks through integer products and offers what scores high to candidate lists, in WebAssembly; its arrays lie in the
 * module's memory.
 */
export interface ScoreScan {
  /** rows × queries; the queries are a multiple of {@link QUERY_MULTIPLE}. */
  products: Int32Array;
  /** Half a squared norm per row and per query; a score is a product less that of what is offered. */
  halfNorms: Int32Array;
  queryHalfNorms: Int32Array;
  /** The number under which each row is listed. */
  base: Int32Array;
  lists: ScannedLists;
  /**
   * Offer the rows to the lists of the queries, `list` and those after it.
   * @param queries the columns of the products; those without a list are the last
   */
  offerRows(rows: number, queries: number, list: number): void;
  /**
   * Offer the queries, numbered `number` and up, to the lists of the rows, `list` and those after it.
   * @param real the queries that count, up to `queries` columns
   */
  offerQueries(rows: number, queries: number, real: number, number: number, list: number): void;
  /** Bring lists up to date after offers. */
  settle(list: number, lists: number): void;
  /** Per row the number of the query of greatest score, the lowest of equal ones, since {@link forgetBest}. */
  best: Int32Array;
  forgetBest(): void;
  /**
   * Look for greater scores among the queries, numbered `number` and up.
   * @param real the queries that count, up to `queries` columns
   */
  takeBest(rows: number, queries: number, real: number, number: number): void;
}

/** Lists laid out as those of a `CandidateList`. */
export interface ScannedLists {
  entries: Int32Array;
  /** Numbers of `entries` per list. */
  stride: number;
  sizes: Int32Array;
  /** Beyond the last list above every score, so that columns without a query find nothing. */
  thresholds: Int32Array;
  /** Say how many entries lists have at most; what was in them is void. */
  setCapacity(capacity: number): void;
}

type Exports = Record<
  'useLists' | 'offerRows' | 'offerQueries' | 'settle' | 'takeBest',
  (...numbers: number[]) => void
>;

/** For at most so many rows and queries at a time, and so many lists of at most `mostCandidates`. */
export function createScoreScan(rows: number, queries: number, lists: number, mostCandidates: number): ScoreScan {
  const withoutList = lists + QUERY_MULTIPLE;
  const listEntries = 2 * lists * (mostCandidates + roomOf(mostCandidates));
  const lengths = [
    listEntries,
    2 * mostCandidates,
    rows * queries,
    rows,
    rows,
    queries,
    lists,
    lists,
    withoutList,
    rows,
    rows,
  ];
  const bytes = 4 * lengths.reduce((sum, length) => sum + length);
  const memory = new WebAssembly.Memory({ initial: pagesOf(bytes) });
  let filled = 0;
  const [entries, scratch, products, halfNorms, base, queryHalfNorms, sizes, pending, thresholds, best, bestScores] =
    lengths.map((length) => {
      const array = new Int32Array(memory.buffer, filled, length);
      filled += array.byteLength;
      return array;
    });
  const scan = instantiate<Exports>('scan-scores', memory);
  const addresses = [thresholds, sizes, pending, entries, scratch].map((array) => array.byteOffset);
  const scanned: ScannedLists = {
    entries,
    stride: 0,
    sizes,
    thresholds,
    setCapacity(capacity) {
      const room = roomOf(capacity);
      scan.useLists(...addresses, capacity, room);
      scanned.stride = 2 * (capacity + room);
      sizes.fill(0);
      thresholds.fill(NO_SCORE, 0, lists).fill(UNREACHABLE, lists);
    },
  };
  scanned.setCapacity(mostCandidates);
  return {
    products,
    halfNorms,
    queryHalfNorms,
    base,
    lists: scanned,
    offerRows(rowCount, columns, list) {
      scan.offerRows(products.byteOffset, halfNorms.byteOffset, base.byteOffset, rowCount, columns, list);
    },
    offerQueries(rowCount, columns, real, number, list) {
      scan.offerQueries(products.byteOffset, queryHalfNorms.byteOffset, number, rowCount, columns, real, list);
    },
    settle: scan.settle,
    best,
    forgetBest() {
      bestScores.fill(NO_SCORE);
    },
    takeBest(rowCount, columns, real, number) {
      queryHalfNorms.fill(UNREACHABLE, real, columns);
      scan.takeBest(
        ...[products.byteOffset, queryHalfNorms.byteOffset, number, rowCount, columns],
        ...[bestScores.byteOffset, best.byteOffset],
      );
    },
  };
}
