import type { Vectors } from '@coreset/core';
import { largestExactCode } from './exact-codes.js';
import { encode, fitQuantiser, type Quantiser } from './quantise.js';

/** All rows as codes, in a shared WebAssembly memory that every thread sees; place p holds whatever row was put there. */
export interface CodeTable {
  memory: WebAssembly.Memory;
  quantiser: Quantiser;
  rows: number;
  cols: number;
  /** Bytes per place: the columns rounded up to 16, code 0 beyond them. */
  stride: number;
  /** Per place the Euclidean distance of its row from what the codes stand for, never too small. */
  errors: Float32Array;
  /** Room of each thread for lists of places, in entries, and the number of threads that took theirs so far. */
  listLength: number;
  threadsSeen: Int32Array;
}

const PAGE = 65_536;
const MAX_PAGES = 65_536;
const LANES = 16;
/** Sums of products of more codes could overflow 32 bits. */
const MAX_COLS = 60_000;

/**
 * Measure the vectors and make room for their codes.
 *
 * @param lists room for the product kernel: the most places that one call lists, for so many threads
 * @returns undefined if the codes would not fit: more than 4 GiB, or very long rows
 */
export async function createCodeTable(
  vectors: Vectors,
  lists: { length: number; threads: number } = { length: 0, threads: 0 },
): Promise<CodeTable | undefined> {
  const { rows, cols } = vectors;
  const stride = Math.ceil(cols / LANES) * LANES;
  const pages = Math.ceil((rows * (stride + 4) + lists.threads * lists.length * 8) / PAGE);
  if (pages > MAX_PAGES || cols > MAX_COLS) return undefined;
  return {
    memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
    quantiser: fitQuantiser(vectors, await largestExactCode()),
    rows,
    cols,
    stride,
    errors: new Float32Array(new SharedArrayBuffer(rows * 4)),
    listLength: lists.length,
    threadsSeen: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** The codes plus the zero point, rows × stride, and ⌊|code|² / 2⌋ of each place. */
export interface CodeArrays {
  codes: Uint8Array;
  halfNorms: Int32Array;
}

export function codeArrays({ memory, rows, stride }: CodeTable): CodeArrays {
  return {
    codes: new Uint8Array(memory.buffer, 0, rows * stride),
    halfNorms: new Int32Array(memory.buffer, rows * stride, rows),
  };
}

const ABOVE_FLOAT32_ROUNDING = 1 + 1e-6;

/** Put consecutive rows of vectors at consecutive places. */
export function encodeInto(
  table: CodeTable,
  { codes, halfNorms }: CodeArrays,
  values: Float32Array,
  place: number,
): void {
  const { cols, stride, errors, quantiser } = table;
  const encoded = encode(quantiser, values, cols, stride);
  codes.set(encoded.codes, place * stride);
  halfNorms.set(encoded.halfNorms, place);
  for (let i = 0; i < encoded.errors.length; i++) {
    errors[place + i] = encoded.errors[i] * ABOVE_FLOAT32_ROUNDING;
  }
}
