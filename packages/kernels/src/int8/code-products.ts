import { compileModel, type Tensor, tensor } from '../onnx/session.js';
import { codeProductModel } from './code-product-model.js';
import type { CodeTable } from './code-table.js';
import { copyCodes } from './copy-codes.js';
import { ZERO_POINT } from './quantise.js';
import { createScoreScan, padded, type ScoreScan } from './score-scan.js';

/** Multiplies codes; the products lie in the memory of a {@link ScoreScan}. */
export interface CodeProducts {
  scan: ScoreScan;
  /** Base rows of one product, at most. */
  baseRows: number;
  /** The codes of queries, transposed: cols × {@link padded} queries; columns beyond the last query are zeros. */
  columnsOf(slots: Int32Array): Tensor;
  /** The rows at these slots, rising, are the base of the next products. */
  setBase(slots: Int32Array): void;
  /** Multiply the first `rows` rows of the base with the columns. */
  multiply(rows: number, columns: Tensor): Promise<void>;
}

/** Sizes of what {@link createCodeProducts} makes. */
export interface CodeProductsSizes {
  /** The most queries of one product. */
  queries: number;
  /** Lists in the scan's memory. */
  lists: number;
  /** The most candidates of a list. */
  candidates: number;
}

/** Products of one call: they stay in the cache until they are scanned. */
const PRODUCTS = 262_144;

/** Made once per thread. A slot's codes must be in the table before it is multiplied. */
export async function createCodeProducts(
  table: CodeTable,
  { queries, lists, candidates }: CodeProductsSizes,
): Promise<CodeProducts> {
  const columns = padded(queries);
  const baseRows = Math.floor(PRODUCTS / columns);
  const { codes, normTerms, cols } = table;
  const session = await compileModel(codeProductModel(cols));
  const zeroPoint = tensor('uint8', Uint8Array.of(ZERO_POINT), [1]);
  const baseCodes = new Uint8Array(baseRows * cols);
  const scan = createScoreScan(baseRows, columns, lists, candidates);

  function setBase(slots: Int32Array): void {
    copyCodes(codes, cols, slots, baseCodes);
    for (let i = 0; i < slots.length; i++) scan.normTerms[i] = normTerms[slots[i]];
    scan.base.set(slots);
  }

  function columnsOf(slots: Int32Array): Tensor {
    const width = padded(slots.length);
    const columns = new Int8Array(cols * width);
    transpose(codes, cols, slots, columns, width);
    return tensor('int8', columns, [cols, width]);
  }

  async function multiply(rows: number, columns: Tensor): Promise<void> {
    const width = columns.dims[1];
    const base = tensor('uint8', baseCodes.subarray(0, rows * cols), [rows, cols]);
    const products = tensor('int32', scan.products.subarray(0, rows * width), [rows, width]);
    await session.run({ base, zeroPoint, queries: columns }, { products });
  }

  return { scan, baseRows, columnsOf, setBase, multiply };
}

/** Write the codes of slots transposed, cols × width, four at a time. Subtracting the zero point flips a byte's top bit. */
function transpose(codes: Uint8Array, cols: number, slots: Int32Array, columns: Int8Array, width: number): void {
  const fours = new Int32Array(columns.buffer);
  const whole = slots.length - (slots.length % 4);
  for (let q = 0; q < whole; q += 4) {
    const [first, second, third, fourth] = [0, 1, 2, 3].map((i) => slots[q + i] * cols);
    for (let c = 0, to = q >> 2; c < cols; c++, to += width >> 2) {
      const four = codes[first + c] | (codes[second + c] << 8) | (codes[third + c] << 16) | (codes[fourth + c] << 24);
      fours[to] = four ^ 0x80808080;
    }
  }
  for (let q = whole; q < slots.length; q++) {
    for (let c = 0; c < cols; c++) columns[c * width + q] = codes[slots[q] * cols + c] - ZERO_POINT;
  }
}
