import { instantiate } from '../wasm.js';
import type { CodeTable } from './code-table.js';
import { ZERO_POINT } from './quantise.js';
import { readAhead } from './read-ahead.js';

type Product = (a: number, b: number, cols: number) => number;

/** Scores of one pair of rows at a time, where pairs are too few for a product of matrices. */
export class CodeScores {
  private readonly product: Product;

  /** So that reading ahead is no dead code. */
  protected touched = 0;

  constructor(private readonly table: CodeTable) {
    const { memory, codes } = table;
    this.product =
      memory === undefined
        ? (a, b, cols) => codeProduct(codes, a, b, cols)
        : instantiate<{ product: Product }>('int8/code-score', memory).product;
  }

  /** The score of the row at `slot` for `query`: the product of both codes less the norm term of the row. */
  score(query: number, slot: number): number {
    const { normTerms, cols } = this.table;
    return this.product(query * cols, slot * cols, cols) - normTerms[slot];
  }

  /** Fetch the codes of a row into the cache. */
  fetch(slot: number): void {
    const { codes, cols } = this.table;
    this.touched ^= readAhead(codes, cols, slot);
  }
}

/** The product of the `cols` codes at a and at b; the module of WebAssembly does the same in less time. */
export function codeProduct(codes: Uint8Array, a: number, b: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += (codes[a + c] - ZERO_POINT) * (codes[b + c] - ZERO_POINT);
  return sum;
}
