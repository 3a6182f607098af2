import { createKernel, floatTensor, normaliseRows, openVectors, productGraph, type Vectors } from '@coreset/core';

/** Cosines of a few rows to all rows, by a matrix product. */
export interface CosineColumns {
  rows: number;
  /** count × rows: the cosine of each listed row to every row. */
  of(listed: ArrayLike<number>): Promise<Float32Array>;
  /** The rows scaled to length 1. */
  unit: Float32Array;
  cols: number;
}

/** Load vectors, scale them to length 1 and prepare products with them. Memory: the vectors and a few rows, never rows². */
export async function cosineColumns(vectors: Vectors): Promise<CosineColumns> {
  const { rows, cols } = vectors;
  const reader = openVectors(vectors);
  const unit = reader.read(0, rows);
  reader.close();
  normaliseRows(unit, cols);
  const kernel = await createKernel(productGraph(cols));
  const all = floatTensor(unit, [rows, cols]);
  return {
    rows,
    cols,
    unit,
    async of(listed) {
      const few = new Float32Array(listed.length * cols);
      for (let l = 0; l < listed.length; l++)
        few.set(unit.subarray(listed[l] * cols, (listed[l] + 1) * cols), l * cols);
      const { products } = await kernel.run({ left: floatTensor(few, [listed.length, cols]), right: all });
      return products.data as Float32Array;
    },
  };
}
