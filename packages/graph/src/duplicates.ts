import {
  blockSteps,
  CoresetError,
  inOneGo,
  openVectors,
  Representatives,
  STEP_ITEMS,
  type Steps,
  type Vectors,
} from '@coreset/core';

const BLOCK_ROWS = 512;

/** A 32-bit hash (FNV-1a over 32-bit words, with a final mix) of one row's bits. */
function hashRow(words: Uint32Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let w = start; w < end; w++) hash = Math.imul(hash ^ words[w], 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** So that distances over all columns stay within float32. */
const GREATEST_MAGNITUDE = 2 ** 118;
const LEAST_MAGNITUDE = 2 ** -110;

/** The greatest magnitude in a block that begins with row `start`. @throws CoresetError naming what is no number or too large */
function greatestOf(block: Float32Array, start: number, cols: number): number {
  let greatest = 0;
  for (let i = 0; i < block.length; i++) {
    const magnitude = Math.abs(block[i]);
    if (magnitude <= greatest) continue;
    if (!(magnitude <= GREATEST_MAGNITUDE))
      throw new CoresetError(
        `the vectors: row ${start + Math.floor(i / cols)}, column ${i % cols} is ${block[i]}; numbers must be finite, and at most ${GREATEST_MAGNITUDE.toPrecision(2)}, so that distances are within float32`,
      );
    greatest = magnitude;
  }
  return greatest;
}

/**
 * Group rows whose vectors are the same bit for bit.
 * @returns per row the lowest row of its group, itself where it is the first or only one
 * @throws CoresetError when a number is not finite, or so large or all so small that distances are beyond float32
 */
export function duplicateGroups(vectors: Vectors): Int32Array {
  return inOneGo(duplicateSteps(vectors));
}

/** {@link duplicateGroups} in steps. */
export function* duplicateSteps(vectors: Vectors): Steps<Int32Array> {
  const { rows, cols } = vectors;
  const hashes = new Uint32Array(rows);
  let greatest = 0;
  yield* blockSteps(vectors, BLOCK_ROWS, (block, start, end) => {
    greatest = Math.max(greatest, greatestOf(block, start, cols));
    for (let i = 0; i < block.length; i++) if (block[i] === 0) block[i] = 0; // −0 and 0 are the same number
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length);
    for (let i = start; i < end; i++) hashes[i] = hashRow(words, (i - start) * cols, (i - start + 1) * cols);
  });
  if (greatest > 0 && greatest < LEAST_MAGNITUDE)
    throw new CoresetError(
      `no number of the vectors is above ${greatest}; distances would be below what float32 holds: multiply all numbers by a constant`,
    );

  const reader = openVectors(vectors);
  const [a, b] = [new Float32Array(cols), new Float32Array(cols)];
  let compared = 0;
  const found = new Representatives((row, earlier) => {
    compared++;
    reader.read(row, row + 1, a);
    reader.read(earlier, earlier + 1, b);
    for (let c = 0; c < cols; c++) if (a[c] !== b[c]) return false;
    return true;
  });
  try {
    for (let row = 0; row < rows; row++) {
      if (row % STEP_ITEMS === 0 || compared * cols >= STEP_ITEMS) {
        yield;
        compared = 0;
      }
      found.add(hashes[row], 0);
    }
  } finally {
    reader.close();
  }
  return found.representative();
}
