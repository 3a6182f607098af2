import { inOneGo, memoryOf, type SharedMemory, type Steps, sharedBytes, sharedInts } from '@coreset/core';
import type { Quantiser } from './quantise.js';

/** All rows as codes, in memory that all threads share; place p holds whatever row was put there. */
export interface CodeTable {
  /** The codes plus the zero point, rows × cols. */
  codes: Uint8Array;
  /** That the codes are in, if WebAssembly reads it. */
  memory: SharedMemory | undefined;
  /** ⌊|code|² / 2⌋ per place. */
  halfNorms: Int32Array;
  quantiser: Quantiser;
  rows: number;
  cols: number;
  /** Per place the Euclidean distance of its row from what the codes stand for, never too small. */
  errors: Float32Array;
}

/** The longest typed array of Node 20. */
const MAX_BYTES = 2 ** 32 - 1;
/** Sums of products of more codes could overflow 32 bits. */
const MAX_COLS = 60_000;

/** @returns undefined if the codes would not fit: more than 4 GiB, or very long rows */
export function createCodeTable(rows: number, quantiser: Quantiser): CodeTable | undefined {
  const cols = quantiser.mean.length;
  if (rows * cols > MAX_BYTES || cols > MAX_COLS) return undefined;
  const codes = sharedBytes(rows * cols);
  return {
    codes,
    memory: memoryOf(codes),
    halfNorms: sharedInts(rows),
    quantiser,
    rows,
    cols,
    errors: new Float32Array(new SharedArrayBuffer(rows * 4)),
  };
}

const ROWS_AT_ONCE = 4096;

/** Move the codes so that place p holds what was at place `from[p]`, a permutation of the first places. */
export function arrangeCodes(table: CodeTable, from: Int32Array): void {
  inOneGo(arrangeSteps(table, from));
}

/** {@link arrangeCodes} in steps. */
export function* arrangeSteps({ codes, halfNorms, errors, cols }: CodeTable, from: Int32Array): Steps<void> {
  const arranged = new Uint8Array(from.length);
  let moved = 0;
  for (let start = 0; start < from.length; start++) {
    if (arranged[start] === 1) continue;
    const first = codes.slice(start * cols, (start + 1) * cols);
    const [firstHalfNorm, firstError] = [halfNorms[start], errors[start]];
    let place = start;
    for (; from[place] !== start; place = from[place]) {
      const next = from[place];
      codes.copyWithin(place * cols, next * cols, (next + 1) * cols);
      halfNorms[place] = halfNorms[next];
      errors[place] = errors[next];
      arranged[place] = 1;
      if (++moved % ROWS_AT_ONCE === 0) yield;
    }
    codes.set(first, place * cols);
    halfNorms[place] = firstHalfNorm;
    errors[place] = firstError;
    arranged[place] = 1;
  }
}
