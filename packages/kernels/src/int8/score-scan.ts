import { createMemory } from '@coreset/core';
import { instantiate } from '../wasm.js';
import { CandidateLists, NO_SCORE, roomOf, strideOf, UNREACHABLE } from './candidate-lists.js';

/** The scan compares sixteen scores at a time. */
const QUERY_MULTIPLE = 16;

/** Columns of a product with so many queries. */
export function padded(queries: number): number {
  return Math.ceil(queries / QUERY_MULTIPLE) * QUERY_MULTIPLE;
}

/**
 * Scans integer products for scores that reach a list's threshold, and pushes them to candidate lists; in WebAssembly. Its
 * arrays lie in the module's memory (layout.md has a picture).
 */
export interface ScoreScan {
  /** rows × {@link padded} queries. */
  products: Int32Array;
  /** Norm terms of the rows and of the queries. A score is a product less the norm term of what is pushed. */
  normTerms: Int32Array;
  queryNormTerms: Int32Array;
  /** The number by which each row is listed. */
  base: Int32Array;
  lists: ScannedLists;
  /** Push the rows to the lists of the queries, `list` and those after it. */
  pushRows(rows: number, queries: number, list: number): void;
  /** Push the queries, numbered `number` and up, to the lists of the rows: list `base[row] + shift`. */
  pushQueries(rows: number, queries: number, number: number, shift: number): void;
  /** Per row the number of the query of greatest score, the lowest of equal ones, since {@link forgetBest}. */
  best: Int32Array;
  forgetBest(): void;
  /** Compare with the scores of the queries, numbered `number` and up, above those of earlier calls. */
  takeBest(rows: number, queries: number, number: number): void;
}

type Exports = Record<'useLists' | 'pushRows' | 'pushQueries' | 'flush' | 'takeBest', (...numbers: number[]) => void>;

/** Lists in the memory of a scan. */
export class ScannedLists extends CandidateLists {
  constructor(
    arrays: Record<'entries' | 'sizes' | 'thresholds', Int32Array>,
    capacity: number,
    private readonly useLists: (capacity: number, room: number) => void,
    /** Merge what was pushed into the lists. */
    readonly flush: (first: number, count: number) => void,
  ) {
    super(arrays.entries, arrays.sizes, arrays.thresholds, capacity);
    this.setCapacity(capacity);
  }

  /** Empty all lists, and give them this capacity. */
  setCapacity(capacity: number): void {
    this.capacity = capacity;
    this.useLists(capacity, roomOf(capacity));
    this.sizes.fill(0);
    this.thresholds.fill(NO_SCORE);
  }

  /** Copy lists into the memory, as the lists `first` and after. */
  load(lists: CandidateLists, first: number): void {
    this.entries.set(lists.entries, first * strideOf(this.capacity));
    this.sizes.set(lists.sizes, first);
    this.thresholds.set(lists.thresholds, first);
  }

  /** Copy lists back, with what was pushed since {@link load}. */
  save(lists: CandidateLists, first: number): void {
    const count = lists.sizes.length;
    this.flush(first, count);
    const start = first * strideOf(this.capacity);
    lists.entries.set(this.entries.subarray(start, start + lists.entries.length));
    lists.sizes.set(this.sizes.subarray(first, first + count));
    lists.thresholds.set(this.thresholds.subarray(first, first + count));
  }
}

/** @param rows of a product, at most @param queries of a product, at most @param mostCandidates the greatest capacity of lists */
export function createScoreScan(rows: number, queries: number, lists: number, mostCandidates: number): ScoreScan {
  const lengths = [
    lists * strideOf(mostCandidates),
    2 * mostCandidates,
    rows * queries,
    rows,
    rows,
    queries,
    lists,
    lists,
    // Read sixteen at a time.
    lists + QUERY_MULTIPLE,
    rows,
    rows,
  ];
  const bytes = 4 * lengths.reduce((sum, length) => sum + length);
  const memory = createMemory(bytes);
  let filled = 0;
  const [entries, scratch, products, normTerms, base, queryNormTerms, sizes, pending, thresholds, best, bestScores] =
    lengths.map((length) => {
      const array = new Int32Array(memory.buffer, filled, length);
      filled += array.byteLength;
      return array;
    });
  const scan = instantiate<Exports>('int8/scan-scores', memory);
  const addresses = [thresholds, sizes, pending, entries, scratch].map((array) => array.byteOffset);
  const scanned = new ScannedLists(
    { entries, sizes, thresholds },
    mostCandidates,
    (capacity, room) => scan.useLists(...addresses, capacity, room),
    scan.flush,
  );
  return {
    products,
    normTerms,
    queryNormTerms,
    base,
    lists: scanned,
    pushRows(rowCount, real, list) {
      const numbers = [rowCount, padded(real), real, list];
      scan.pushRows(products.byteOffset, normTerms.byteOffset, base.byteOffset, ...numbers);
    },
    pushQueries(rowCount, real, number, shift) {
      const numbers = [rowCount, padded(real), real, number, shift];
      scan.pushQueries(products.byteOffset, queryNormTerms.byteOffset, base.byteOffset, ...numbers);
    },
    best,
    forgetBest() {
      bestScores.fill(NO_SCORE);
    },
    takeBest(rowCount, real, number) {
      const columns = padded(real);
      queryNormTerms.fill(UNREACHABLE, real, columns);
      scan.takeBest(
        ...[products.byteOffset, queryNormTerms.byteOffset, number, rowCount, columns],
        ...[bestScores.byteOffset, best.byteOffset],
      );
    },
  };
}
