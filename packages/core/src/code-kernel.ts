import { CandidateList } from './candidate-list.js';
import type { CodeTable } from './code-table.js';
import { createKernel, Tensor } from './kernel.js';
import { ElementType, type GraphSpec } from './onnx-graph.js';
import { ZERO_POINT } from './quantise.js';
import { createScoreScan, QUERY_MULTIPLE } from './score-scan.js';

/** A block of places whose neighbours are searched together. */
export interface CodeQueries {
  places: Int32Array;
  list: CandidateList;
  /** The codes by columns, with columns of zeros up to a multiple of {@link QUERY_MULTIPLE}. */
  tensor: Tensor;
}

/** Searches blocks of places among others by their codes. */
export interface CodeKernel {
  /** @param places at most as many as the kernel was made for */
  queries(places: Int32Array, capacity: number): CodeQueries;
  /** Offer the `base` places to each block of queries. */
  scan(blocks: CodeQueries[], base: Int32Array): Promise<void>;
}

/** So many products stay in the cache until they have been looked at. */
const PRODUCTS = 262_144;
/** The most queries of a block, unless there are few rows to search. */
export const QUERY_ROWS = 128;
/** base · queries: onnxruntime takes the left side of a product as it lies, and the queries are the smaller to turn. */
function codeGraph(cols: number): GraphSpec {
  return {
    name: 'code-products',
    inputs: [
      { name: 'base', type: ElementType.uint8, shape: ['n', cols] },
      { name: 'queries', type: ElementType.int8, shape: [cols, 'm'] },
      { name: 'zeroPoint', type: ElementType.uint8, shape: [1] },
    ],
    outputs: [{ name: 'products', type: ElementType.int32, shape: ['n', 'm'] }],
    nodes: [{ op: 'MatMulInteger', inputs: ['base', 'queries', 'zeroPoint'], outputs: ['products'] }],
  };
}

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
  const baseRows = Math.floor(PRODUCTS / queryRows);
  const { codes, halfNorms, cols } = table;
  const session = await createKernel(codeGraph(cols));
  const zeroPoint = new Tensor('uint8', Uint8Array.of(ZERO_POINT), [1]);
  const baseCodes = new Uint8Array(baseRows * cols);
  const scanner = createScoreScan(baseRows, queryRows, queryRows, mostCandidates);

  /** Copy the codes of places, by runs of consecutive ones; valid until the next call. */
  function copyBase(base: Int32Array): Tensor {
    for (let i = 0; i < base.length; ) {
      let end = i + 1;
      while (end < base.length && base[end] === base[end - 1] + 1) end++;
      const from = base[i];
      baseCodes.set(codes.subarray(from * cols, (from + end - i) * cols), i * cols);
      scanner.halfNorms.set(halfNorms.subarray(from, from + end - i), i);
      i = end;
    }
    return new Tensor('uint8', baseCodes.subarray(0, base.length * cols), [base.length, cols]);
  }

  function queries(places: Int32Array, capacity: number): CodeQueries {
    const width = Math.ceil(places.length / QUERY_MULTIPLE) * QUERY_MULTIPLE;
    const columns = new Int8Array(cols * width);
    turn(codes, cols, places, columns, width);
    return {
      places,
      list: new CandidateList(places.length, capacity),
      tensor: new Tensor('int8', columns, [cols, width]),
    };
  }

  async function scan(blocks: CodeQueries[], base: Int32Array): Promise<void> {
    for (let start = 0; start < base.length; start += baseRows) {
      const rows = base.subarray(start, start + baseRows);
      const feeds = { base: copyBase(rows), zeroPoint };
      scanner.base.set(rows);
      for (const { list, tensor } of blocks) {
        const width = tensor.dims[1];
        const products = scanner.products.subarray(0, rows.length * width);
        const output = new Tensor('int32', products, [rows.length, width]);
        await session.run({ ...feeds, queries: tensor }, { products: output });
        list.offer(scanner, rows.length, width);
      }
    }
  }

  return { queries, scan };
}

/** Write the codes of places by columns, cols × width, four at a time: taking off the zero point flips a byte's top bit. */
function turn(codes: Uint8Array, cols: number, places: Int32Array, columns: Int8Array, width: number): void {
  const fours = new Int32Array(columns.buffer);
  const whole = places.length - (places.length % 4);
  for (let q = 0; q < whole; q += 4) {
    const [first, second, third, fourth] = [0, 1, 2, 3].map((i) => places[q + i] * cols);
    for (let c = 0, to = q >> 2; c < cols; c++, to += width >> 2) {
      const four = codes[first + c] | (codes[second + c] << 8) | (codes[third + c] << 16) | (codes[fourth + c] << 24);
      fours[to] = four ^ 0x80808080;
    }
  }
  for (let q = whole; q < places.length; q++) {
    for (let c = 0; c < cols; c++) columns[c * width + q] = codes[places[q] * cols + c] - ZERO_POINT;
  }
}
