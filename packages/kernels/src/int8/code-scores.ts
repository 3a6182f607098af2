import { instantiate } from '../wasm.js';
import type { CodeTable } from './code-table.js';
import { ZERO_POINT } from './quantise.js';
import { readAhead } from './read-ahead.js';

/** Scores of one pair of rows at a time, where pairs are too few for a product of matrices. */
export class CodeScores {
  private readonly product: ((a: number, b: number, cols: number) => number) | undefined;

  /** So that reading ahead is no dead code. */
  protected touched = 0;

  constructor(private readonly table: CodeTable) {
    const { memory } = table;
    this.product =
      memory &&
      instantiate<Record<'product', (a: number, b: number, cols: number) => number>>('int8/code-score', memory).product;
  }

  /** The score of the row at `slot` for `query`: the product of both codes less the norm term of the row. */
  score(query: number, slot: number): number {
    const { codes, normTerms, cols } = this.table;
    if (this.product !== undefined) return this.product(query * cols, slot * cols, cols) - normTerms[slot];
    let sum = 0;
    for (let c = 0, a = query * cols, b = slot * cols; c < cols; c++, a++, b++) {
      sum += (codes[a] - ZERO_POINT) * (codes[b] - ZERO_POINT);
    }
    return sum - normTerms[slot];
  }

  /** Fetch the codes of a row into the cache. */
  fetch(slot: number): void {
    const { codes, cols } = this.table;
    this.touched ^= readAhead(codes, cols, slot);
  }
}
