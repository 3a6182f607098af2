import { inParts, inTurns, type Matrix, openVectors, type Vectors } from '@coreset/core';
import { compileModel, floatTensor, productModel, type Tensor } from '@coreset/kernels';
import { scaleToUnit } from './unit-rows.js';

/** Cosines of a few rows to all rows, by a matrix product. */
export interface CosineColumns {
  /** The vectors, each scaled to length 1; not in shared memory. */
  unit: Matrix;
  /** count × rows: the cosine of each listed row to every row. */
  of(listed: ArrayLike<number>): Promise<Float32Array>;
}

/** Numbers that are read or multiplied at once, some milliseconds per listed row at most. */
const NUMBERS_AT_ONCE = 2 ** 22;

/**
 * Load vectors, scale them to length 1 and prepare products with them. Memory: the vectors and a few rows, never rows².
 * @param signal stops the loading and every product
 * @throws CoresetError naming the first row with a number that is not finite
 */
export async function cosineColumns(vectors: Vectors, signal?: AbortSignal): Promise<CosineColumns> {
  const { rows, cols } = vectors;
  const rowsAtOnce = Math.max(1, Math.floor(NUMBERS_AT_ONCE / cols));
  const data = new Float32Array(rows * cols);
  const kernel = await compileModel(productModel(cols));
  const parts: Tensor[] = [];
  const reader = openVectors(vectors);
  try {
    await inTurns(
      inParts(
        rows,
        (start, end) => {
          const part = data.subarray(start * cols, end * cols);
          reader.read(start, end, part);
          scaleToUnit(part, cols, start, 'the vectors');
          parts.push(floatTensor(part, [end - start, cols]));
        },
        rowsAtOnce,
      ),
      signal,
    );
  } finally {
    reader.close();
  }
  return {
    unit: { data, rows, cols },
    async of(listed) {
      const few = new Float32Array(listed.length * cols);
      for (let l = 0; l < listed.length; l++)
        few.set(data.subarray(listed[l] * cols, (listed[l] + 1) * cols), l * cols);
      const left = floatTensor(few, [listed.length, cols]);
      const columns = new Float32Array(listed.length * rows);
      for (let p = 0; p < parts.length; p++) {
        signal?.throwIfAborted();
        const { products } = await kernel.run({ left, right: parts[p] });
        const cosines = products.data as Float32Array;
        const width = parts[p].dims[0];
        for (let l = 0; l < listed.length; l++)
          columns.set(cosines.subarray(l * width, (l + 1) * width), l * rows + p * rowsAtOnce);
      }
      return columns;
    },
  };
}
