import { closeSync, openSync, readSync } from 'node:fs';
import { CoresetError } from './error.js';
import { createMatrix, type Matrix } from './matrix.js';

/** Row-major float32 vectors that stay on disk; `dataOffset` is where row 0 begins, in bytes. */
export interface VectorFile {
  path: string;
  dataOffset: number;
  rows: number;
  cols: number;
}

/** Vectors in memory or on disk. Every stage reads them by blocks, so both work at any size. */
export type Vectors = Matrix | VectorFile;

/** Reads blocks of rows; the array returned is a fresh copy in ordinary (not shared) memory. */
export interface VectorReader {
  rows: number;
  cols: number;
  read(start: number, end: number): Float32Array;
  /** The listed rows, one after the other. */
  gather(rows: ArrayLike<number>): Float32Array;
  close(): void;
}

const MAX_READ_BYTES = 1 << 30;
const GATHERED_AT_ONCE = 4096;

/** Fill `target` from a file, in reads that stay below the 2 GiB limit of one system call. */
export function readFully(descriptor: number, target: Uint8Array, position: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(descriptor, target, done, Math.min(MAX_READ_BYTES, target.length - done), position + done);
    if (count === 0) throw new CoresetError(`file ended ${target.length - done} bytes too early`);
    done += count;
  }
}

/** Open vectors for reading by blocks; close the reader when done. */
export function openVectors(vectors: Vectors): VectorReader {
  const { rows, cols } = vectors;
  if ('data' in vectors) {
    const { data } = vectors;
    return {
      rows,
      cols,
      read: (start, end) => data.slice(start * cols, end * cols),
      gather(listed) {
        const block = new Float32Array(listed.length * cols);
        for (let i = 0; i < listed.length; i++)
          block.set(data.subarray(listed[i] * cols, (listed[i] + 1) * cols), i * cols);
        return block;
      },
      close: () => {},
    };
  }
  const descriptor = openSync(vectors.path, 'r');
  return {
    rows,
    cols,
    read(start, end) {
      const block = new Float32Array((end - start) * cols);
      readFully(descriptor, new Uint8Array(block.buffer), vectors.dataOffset + start * cols * 4);
      return block;
    },
    gather(listed) {
      const block = new Float32Array(listed.length * cols);
      const bytes = new Uint8Array(block.buffer);
      for (let i = 0; i < listed.length; i++) {
        const row = bytes.subarray(i * cols * 4, (i + 1) * cols * 4);
        readFully(descriptor, row, vectors.dataOffset + listed[i] * cols * 4);
      }
      return block;
    },
    close: () => closeSync(descriptor),
  };
}

/** The same vectors in a form that reaches a worker thread without a copy per worker. */
export function shareVectors(vectors: Vectors): Vectors {
  if (!('data' in vectors) || vectors.data.buffer instanceof SharedArrayBuffer) return vectors;
  const shared = createMatrix(vectors.rows, vectors.cols);
  shared.data.set(vectors.data);
  return shared;
}

/** Vectors in shared memory: as they are, copied there, or read from disk. */
export function loadVectors(vectors: Vectors): Matrix {
  const shared = shareVectors(vectors);
  if ('data' in shared) return shared;
  const matrix = createMatrix(shared.rows, shared.cols);
  forEachBlock(shared, GATHERED_AT_ONCE, (block, start) => matrix.data.set(block, start * matrix.cols));
  return matrix;
}

/** Copy the listed rows into one matrix; `rows` should ascend when the vectors lie on disk. */
export function gatherRows(vectors: Vectors, rows: ArrayLike<number>): Matrix {
  const reader = openVectors(vectors);
  try {
    const result = createMatrix(rows.length, vectors.cols);
    for (let start = 0; start < rows.length; start += GATHERED_AT_ONCE) {
      const end = Math.min(rows.length, start + GATHERED_AT_ONCE);
      const part = Array.prototype.slice.call(rows, start, end) as number[];
      result.data.set(reader.gather(part), start * vectors.cols);
    }
    return result;
  } finally {
    reader.close();
  }
}

/** Call `visit` with consecutive blocks of at most `blockRows` rows. */
export function forEachBlock(
  vectors: Vectors,
  blockRows: number,
  visit: (block: Float32Array, start: number, end: number) => void,
): void {
  const reader = openVectors(vectors);
  try {
    for (let start = 0; start < reader.rows; start += blockRows) {
      const end = Math.min(reader.rows, start + blockRows);
      visit(reader.read(start, end), start, end);
    }
  } finally {
    reader.close();
  }
}

/**
 * Check that every number is finite.
 * @throws CoresetError naming the first row and column that is not
 */
export function requireFinite(vectors: Vectors, name: string): void {
  const { cols } = vectors;
  forEachBlock(vectors, 4096, (block, start) => {
    for (let i = 0; i < block.length; i++) {
      if (!Number.isFinite(block[i])) {
        const row = start + Math.floor(i / cols);
        throw new CoresetError(`${name}: row ${row}, column ${i % cols} is ${block[i]}; every number must be finite`);
      }
    }
  });
}
