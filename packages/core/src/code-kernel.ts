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
  /** @param places at most {@link QUERY_ROWS} */
  queries(places: Int32Array, capacity: number): CodeQueries;
  /** Offer the `base` places to each block of queries. */
  scan(blocks: CodeQueries[], base: Int32Array): Promise<void>;
}

/** The products of so many places with a block of queries stay in the cache until they have been looked at. */
const BASE_ROWS = 2048;
/** The most queries of a block. */
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
 */
export async function createCodeKernel(table: CodeTable, mostCandidates: number): Promise<CodeKernel> {
  const { codes, halfNorms, cols } = table;
  const session = await createKernel(codeGraph(cols));
  const zeroPoint = new Tensor('uint8', Uint8Array.of(ZERO_POINT), [1]);
  const baseCodes = new Uint8Array(BASE_ROWS * cols);
  const scanner = createScoreScan(BASE_ROWS, QUERY_ROWS, mostCandidates);

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
    for (let q = 0; q < places.length; q++) {
      const from = places[q] * cols;
      for (let c = 0; c < cols; c++) columns[c * width + q] = codes[from + c] - ZERO_POINT;
    }
    return {
      places,
      list: new CandidateList(places.length, capacity),
      tensor: new Tensor('int8', columns, [cols, width]),
    };
  }

  async function scan(blocks: CodeQueries[], base: Int32Array): Promise<void> {
    for (let start = 0; start < base.length; start += BASE_ROWS) {
      const rows = base.subarray(start, start + BASE_ROWS);
      const feeds = { base: copyBase(rows), zeroPoint };
      scanner.base.set(rows);
      for (const { list, tensor } of blocks) {
        const width = tensor.dims[1];
        const products = scanner.products.subarray(0, rows.length * width);
        const output = new Tensor('int32', products, [rows.length, width]);
        await session.run({ ...feeds, queries: tensor }, { products: output });
        scanner.offer(list, rows.length, width);
      }
    }
  }

  return { queries, scan };
}
