import { CoresetError, normaliseRows } from '@coreset/core';

/**
 * Scale each row of a block to length 1, in place; a row of zeros stays as it is.
 * @param name of the vectors, for the message
 * @throws CoresetError naming the first row with a number that is not finite
 */
export function scaleToUnit(block: Float32Array, cols: number, firstRow: number, name: string): void {
  normaliseRows(block, cols);
  // A row with a number that is not finite consists of NaN once it is scaled.
  for (let i = 0; i < block.length; i++) {
    if (Number.isNaN(block[i]))
      throw new CoresetError(`${name}: row ${firstRow + Math.floor(i / cols)} holds a number that is not finite`);
  }
}
