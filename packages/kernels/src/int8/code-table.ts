import { inOneGo, memoryOf, type Steps, sharedBytes, sharedInts, type WasmMemory } from '@coreset/core';
import type { Quantiser } from './quantise.js';

/** Rows as codes, in memory that all threads share. A slot holds the codes of one row. */
export interface CodeTable {
  /** The codes plus the zero point, rows × cols. */
  codes: Uint8Array;
  /** The WebAssembly memory that begins with the codes, if there is one. */
  memory: WasmMemory | undefined;
  /** The norm term ⌊|code|² / 2⌋ per slot. The score of row b for query a, a·b − normTerm(b), falls with the distance of their codes. */
  normTerms: Int32Array;
  quantiser: Quantiser;
  rows: number;
  cols: number;
  /** Per slot the Euclidean distance of the row from what its codes stand for, rounded up. */
  errors: Float32Array;
}

/** The longest typed array of Node 20. */
const MAX_BYTES = 2 ** 32 - 1;
/** Sums of products of more columns could overflow 32 bits. */
const MAX_COLS = 60_000;

/** @returns undefined if the codes would not fit: more than 4 GiB, or very long rows */
export function createCodeTable(rows: number, quantiser: Quantiser): CodeTable | undefined {
  const cols = quantiser.mean.length;
  if (rows * cols > MAX_BYTES || cols > MAX_COLS) return undefined;
  const codes = sharedBytes(rows * cols);
  return {
    codes,
    memory: memoryOf(codes),
    normTerms: sharedInts(rows),
    quantiser,
    rows,
    cols,
    errors: new Float32Array(new SharedArrayBuffer(rows * 4)),
  };
}

const ROWS_AT_ONCE = 4096;

/** Permute the first slots: slot s then holds what slot `from[s]` held. */
export function arrangeCodes(table: CodeTable, from: Int32Array): void {
  inOneGo(arrangeSteps(table, from));
}

/** {@link arrangeCodes} in steps. */
export function* arrangeSteps({ codes, normTerms, errors, cols }: CodeTable, from: Int32Array): Steps<void> {
  const arranged = new Uint8Array(from.length);
  let moved = 0;
  for (let start = 0; start < from.length; start++) {
    if (arranged[start] === 1) continue;
    const first = codes.slice(start * cols, (start + 1) * cols);
    const [firstNormTerm, firstError] = [normTerms[start], errors[start]];
    let slot = start;
    for (; from[slot] !== start; slot = from[slot]) {
      const next = from[slot];
      codes.copyWithin(slot * cols, next * cols, (next + 1) * cols);
      normTerms[slot] = normTerms[next];
      errors[slot] = errors[next];
      arranged[slot] = 1;
      if (++moved % ROWS_AT_ONCE === 0) yield;
    }
    codes.set(first, slot * cols);
    normTerms[slot] = firstNormTerm;
    errors[slot] = firstError;
    arranged[slot] = 1;
  }
}
