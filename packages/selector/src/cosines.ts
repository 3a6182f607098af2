import { blockSteps, inParts, inTurns, openVectors, rowBuffer, type Vectors } from '@coreset/core';
import { compileModel, floatTensor, productModel, type Tensor } from '@coreset/kernels';
import { scaleToUnit } from './unit-rows.js';

/** Rows that are read at once, and others that they are multiplied with at once. */
const ROWS_AT_ONCE = 1024;
const OTHERS_AT_ONCE = 256;

/**
 * Tell the cosine of each row with each of some other vectors of as many columns, 0 with a vector of zeros. To each of the others rows come in
 * ascending order. Memory: the others and a few rows.
 * @param name of the others, for the message
 * @throws CoresetError naming the first row with a number that is not finite
 */
export async function visitCosines(
  vectors: Vectors,
  others: Vectors,
  name: string,
  signal: AbortSignal | undefined,
  visit: (row: number, other: number, cosine: number) => void,
): Promise<void> {
  const { rows, cols } = vectors;
  const kernel = await compileModel(productModel(cols));
  const parts: Tensor[] = [];
  const keep = (block: Float32Array, start: number): void => {
    scaleToUnit(block, cols, start, name);
    parts.push(floatTensor(block.slice(), [block.length / cols, cols]));
  };
  await inTurns(blockSteps(others, OTHERS_AT_ONCE, keep), signal);
  const reader = openVectors(vectors);
  const room = rowBuffer(cols);
  try {
    for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
      const end = Math.min(rows, start + ROWS_AT_ONCE);
      const block = reader.read(start, end, room(end - start));
      scaleToUnit(block, cols, start, 'the vectors');
      const left = floatTensor(block, [end - start, cols]);
      for (const [p, right] of parts.entries()) {
        const products = (await kernel.run({ left, right })).products.data as Float32Array;
        const [width] = right.dims;
        const first = p * OTHERS_AT_ONCE;
        const visitRow = (row: number): void => {
          for (let o = 0; o < width; o++) visit(start + row, first + o, products[row * width + o]);
        };
        await inTurns(inParts(end - start, visitRow, 1), signal);
      }
    }
  } finally {
    reader.close();
  }
}
