import { blockSteps, CoresetError, inOneGo, openVectors, STEP_ITEMS, type Steps, type Vectors } from '@coreset/core';

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

  // Rows are chained by hash in an open table of chain heads; only rows with equal hashes are compared.
  const mask = 2 ** Math.ceil(Math.log2(Math.max(2, rows * 2))) - 1;
  const heads = new Int32Array(mask + 1).fill(-1);
  const nextInChain = new Int32Array(rows).fill(-1);
  const representative = new Int32Array(rows);
  const reader = openVectors(vectors);
  const equal = (i: number, j: number): boolean => {
    const a = reader.read(i, i + 1);
    const b = reader.read(j, j + 1);
    for (let c = 0; c < cols; c++) if (a[c] !== b[c]) return false;
    return true;
  };
  try {
    for (let i = 0, read = 0; i < rows; i++) {
      if (read >= STEP_ITEMS || i % STEP_ITEMS === 0) {
        yield;
        read = 0;
      }
      representative[i] = i;
      const slot = hashes[i] & mask;
      for (let j = heads[slot]; j !== -1; j = nextInChain[j]) {
        if (hashes[j] !== hashes[i]) continue;
        read += 2 * cols;
        if (equal(i, j)) {
          representative[i] = j;
          break;
        }
      }
      if (representative[i] === i) {
        nextInChain[i] = heads[slot];
        heads[slot] = i;
      }
    }
  } finally {
    reader.close();
  }
  return representative;
}
