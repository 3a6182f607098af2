import { type Block, type Matrix, normaliseRows, openVectors, range, rowBuffer, type Vectors } from '@coreset/core';
import {
  compileModel,
  createBlockSearch,
  createCodeTable,
  floatTensor,
  int64Scalar,
  leastDistance,
  nearestModel,
  QUERY_ROWS,
  type Quantiser,
  RowEncoder,
} from '@coreset/kernels';

/** Shared with every worker; all arrays but the vectors in shared memory. */
export interface NearestData {
  vectors: Vectors;
  /** The part of the others that is searched now. */
  searched: Matrix;
  /** The number of its first row among all others, and how many rows it has. */
  part: Int32Array;
  /** Rows of a task, at most. */
  blockRows: number;
  /** For rows that are scaled to length 1. */
  quantiser: Quantiser;
  /** Per row, of a search by codes. */
  candidates: number;
  /** The nearest other of each row so far, −1 for none, and its cosine. */
  nearest: Int32Array;
  similarity: Float64Array;
}

/** The tasks of a worker. */
export interface NearestTasks {
  /** Look for nearer ones of some rows in the part that is searched now. @returns how many were searched in float32 */
  search(rows: Block): Promise<number>;
  close(): void;
}

/** Rescored in a search in float32, where rounding changes the order of scores that are nearly the same. */
const FLOAT_CANDIDATES = 4;
/** More than the error of a score in float32, and of a distance of rows that were scaled to length 1. */
const ROUNDING = 1e-5;

export function serve(data: NearestData): NearestTasks {
  const { vectors, searched, part, blockRows, quantiser, nearest, similarity } = data;
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const rawRoom = rowBuffer(cols);
  const unitRoom = rowBuffer(cols);
  /** Slots of the part that is searched, then those of the rows of a task. */
  const table = createCodeTable(searched.rows + blockRows, quantiser);
  const encoder = table && new RowEncoder(table);
  const byCodes = table && createBlockSearch(table, data.candidates);
  let byFloats: ReturnType<typeof compileModel> | undefined;
  let first = -1;
  let searchedUnit = new Float32Array(0);
  let largestError = 0;

  /** Take the part that is searched now, each row scaled to length 1. */
  function usePart(): void {
    if (part[0] === first) return;
    first = part[0];
    searchedUnit = Float32Array.from(searched.data.subarray(0, part[1] * cols));
    normaliseRows(searchedUnit, cols);
    if (table === undefined || encoder === undefined) return;
    encoder.put(searchedUnit, 0);
    largestError = table.errors.subarray(0, part[1]).reduce((most, error) => Math.max(most, error), 0);
  }

  async function search({ start, end }: Block): Promise<number> {
    usePart();
    const rows = reader.read(start, end, rawRoom(end - start));
    const unit = unitRoom(end - start);
    unit.set(rows);
    normaliseRows(unit, cols);
    const take = (query: number, index: number): void => {
      const found = cosine(rows, query, searched.data, index, cols);
      const row = start + query;
      const other = first + index;
      if (found < similarity[row] || (found === similarity[row] && other > nearest[row])) return;
      similarity[row] = found;
      nearest[row] = other;
    };
    const left = await searchCodes(unit, start, take);
    if (left.length > 0) await searchFloats(unit, left, take);
    return left.length;
  }

  /**
   * Find the nearest by codes, and verify with the triangle inequality that no other row can be nearer.
   * @returns the queries of which it cannot be said
   */
  async function searchCodes(
    unit: Float32Array,
    start: number,
    take: (query: number, index: number) => void,
  ): Promise<Int32Array> {
    const queries = unit.length / cols;
    if (table === undefined || encoder === undefined || byCodes === undefined) return range(0, queries);
    const capacity = Math.min(data.candidates, part[1]);
    encoder.put(unit, searched.rows);
    const search = await byCodes;
    const blocks = Array.from({ length: Math.ceil(queries / QUERY_ROWS) }, (_, b) => {
      const end = Math.min(queries, (b + 1) * QUERY_ROWS);
      return search.queries(range(searched.rows + b * QUERY_ROWS, searched.rows + end), capacity);
    });
    await search.scan(blocks, range(0, part[1]));
    const left: number[] = [];
    const indices = new Int32Array(QUERY_ROWS * capacity);
    const scores = new Int32Array(QUERY_ROWS * capacity);
    for (const { slots, lists } of blocks) {
      lists.write(0, slots.length, indices, 0, scores);
      slots.forEach((slot, q) => {
        const query = slot - searched.rows;
        const slack = table.errors[slot] + largestError + ROUNDING;
        const isFarther = (score: number): boolean =>
          leastDistance(quantiser, table.normTerms[slot], score, slack) > unitDistance(similarity[start + query]);
        for (let c = q * capacity; c < (q + 1) * capacity && indices[c] >= 0 && !isFarther(scores[c]); c++)
          take(query, indices[c]);
        if (capacity < part[1] && !isFarther(lists.thresholds[q])) left.push(query);
      });
    }
    return Int32Array.from(left);
  }

  async function searchFloats(
    unit: Float32Array,
    queries: Int32Array,
    take: (query: number, index: number) => void,
  ): Promise<void> {
    byFloats ??= compileModel(nearestModel(cols));
    const rows = new Float32Array(queries.length * cols);
    queries.forEach((query, q) => {
      rows.set(unit.subarray(query * cols, (query + 1) * cols), q * cols);
    });
    const count = Math.min(FLOAT_CANDIDATES, part[1]);
    const { score, index } = await (await byFloats).run({
      queries: floatTensor(rows, [queries.length, cols]),
      base: floatTensor(searchedUnit, [part[1], cols]),
      bias: floatTensor(new Float32Array(part[1]), [1, part[1]]),
      count: int64Scalar(count),
    });
    const scores = score.data as Float32Array;
    const indices = index.data as Int32Array;
    queries.forEach((query, q) => {
      const best = q * count;
      for (let c = best; c < best + count && scores[c] >= scores[best] - ROUNDING; c++) take(query, indices[c]);
    });
  }

  return { search, close: () => reader.close() };
}

/** The Euclidean distance of rows of length 1 with that cosine. */
function unitDistance(similarity: number): number {
  return Math.sqrt(2 - 2 * similarity);
}

/** The cosine of row i of `a` and row j of `b`, summed in float64; 1 of equal rows, 0 where one is all zeros. */
function cosine(a: Float32Array, i: number, b: Float32Array, j: number, cols: number): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let atA = i * cols, atB = j * cols, end = atA + cols; atA < end; atA++, atB++) {
    product += a[atA] * b[atB];
    squaresA += a[atA] * a[atA];
    squaresB += b[atB] * b[atB];
  }
  const scale = Math.sqrt(squaresA * squaresB);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, product / scale));
}
