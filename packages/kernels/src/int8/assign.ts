import { range } from '@coreset/core';
import type { Tensor } from '../onnx/session.js';
import { createCodeProducts } from './code-products.js';
import type { CodeTable } from './code-table.js';

/** Centroids in one product of codes. */
const COLUMNS = 512;

/** Assigns rows of a table to the centroids in its last slots by codes; ties go to the lowest index. */
export interface CodeAssigner {
  /** The codes of the centroids are others than before. */
  use(): void;
  /** Write the index of the nearest centroid of the rows `start` to `end` − 1. For a row between two it need not be the nearest. */
  assign(start: number, end: number, labels: Int32Array): Promise<void>;
}

/** Made once per thread. @param rows of the table that are no centroids */
export async function createCodeAssigner(table: CodeTable, rows: number): Promise<CodeAssigner> {
  const count = table.rows - rows;
  const queries = Math.min(COLUMNS, count);
  const sizes = { queries, lists: 0, candidates: 1 };
  const { scan, baseRows, columnsOf, setBase, multiply } = await createCodeProducts(table, sizes);
  let columns: Tensor[] = [];
  return {
    use() {
      columns = [];
      for (let first = rows; first < table.rows; first += queries) {
        columns.push(columnsOf(range(first, Math.min(table.rows, first + queries))));
      }
    },
    async assign(start, end, labels) {
      for (let base = start; base < end; base += baseRows) {
        const baseEnd = Math.min(end, base + baseRows);
        setBase(range(base, baseEnd));
        scan.forgetBest();
        for (let block = 0, first = 0; block < columns.length; block++, first += queries) {
          const real = Math.min(queries, count - first);
          await multiply(baseEnd - base, columns[block]);
          scan.queryNormTerms.set(table.normTerms.subarray(rows + first, rows + first + real));
          scan.takeBest(baseEnd - base, real, first);
        }
        labels.set(scan.best.subarray(0, baseEnd - base), base);
      }
    },
  };
}
