import { closeSync, openSync, readSync } from 'node:fs';
import { CoresetError } from '../errors/error.js';
import { fileError } from '../files/file-error.js';
import { inOneGo, type Steps } from '../threads/steps.js';
import { createMatrix, type Matrix, requireMatrix } from './matrix.js';
import { NUMBER_BYTES, type ToFloat32, toFloat32, type VectorFormat } from './number-type.js';
import { memoryOf, sharedInts, type WasmMemory } from './shared-memory.js';

/** Row-major vectors that stay on disk and are read as float32; `dataOffset` is where row 0 begins, in bytes. */
export interface VectorFile {
  path: string;
  dataOffset: number;
  rows: number;
  cols: number;
  /** How the numbers are encoded. Default: float32, little-endian, which are read as they stand. */
  numbers?: VectorFormat;
  /** The rows of the file that these vectors are, ascending, in shared memory; default: all, in order. */
  listed?: Int32Array;
}

/** Vectors in memory or on disk. Every stage reads them by blocks, so both work at any size. */
export type Vectors = Matrix | VectorFile;

/**
 * Reads blocks of rows into `target`, or else a new array in ordinary (not shared) memory. Loops should bring a target,
 * see {@link rowBuffer}: the pages of a new array of megabytes take as long as the copy.
 */
export interface VectorReader {
  rows: number;
  cols: number;
  read(start: number, end: number, target?: Float32Array): Float32Array;
  /** The listed rows, one after the other. */
  gather(rows: ArrayLike<number>, target?: Float32Array): Float32Array;
  close(): void;
}

const MAX_READ_BYTES = 1 << 30;
const GATHERED_AT_ONCE = 4096;

/** An array for so many rows, the same one again as long as it is large enough. */
export function rowBuffer(cols: number): (rows: number) => Float32Array {
  let buffer = new Float32Array(0);
  return (rows) => {
    if (buffer.length < rows * cols) buffer = new Float32Array(rows * cols);
    return buffer.subarray(0, rows * cols);
  };
}

/** Fill `target` from a file, in reads that stay below the 2 GiB limit of one system call. */
export function readFully(descriptor: number, target: Uint8Array, position: number): void {
  let done = 0;
  while (done < target.length) {
    const count = readSync(descriptor, target, done, Math.min(MAX_READ_BYTES, target.length - done), position + done);
    if (count === 0) throw new CoresetError(`file ended ${target.length - done} bytes too early`);
    done += count;
  }
}

/** @throws CoresetError for what are neither vectors in memory nor in a file */
export function requireVectors(vectors: Vectors): void {
  if (typeof vectors !== 'object' || vectors === null || !('data' in vectors || 'path' in vectors))
    throw new CoresetError('vectors are a matrix { data, rows, cols }, or a file that openVectorsFile has opened');
  if ('data' in vectors) requireMatrix(vectors);
}

/** Open vectors for reading by blocks; close the reader when done. @throws CoresetError for what are none */
export function openVectors(vectors: Vectors): VectorReader {
  requireVectors(vectors);
  return 'data' in vectors ? new MatrixReader(vectors) : new FileReader(vectors);
}

// Classes, whose methods are compiled once and not anew for each reader.
class MatrixReader implements VectorReader {
  readonly rows: number;
  readonly cols: number;

  constructor(private readonly matrix: Matrix) {
    this.rows = matrix.rows;
    this.cols = matrix.cols;
  }

  read(start: number, end: number, block = new Float32Array((end - start) * this.cols)): Float32Array {
    block.set(this.matrix.data.subarray(start * this.cols, end * this.cols));
    return block;
  }

  gather(listed: ArrayLike<number>, block = new Float32Array(listed.length * this.cols)): Float32Array {
    const { cols } = this;
    const { data } = this.matrix;
    for (let i = 0; i < listed.length; i++)
      block.set(data.subarray(listed[i] * cols, (listed[i] + 1) * cols), i * cols);
    return block;
  }

  close(): void {}
}

class FileReader implements VectorReader {
  readonly rows: number;
  readonly cols: number;
  private readonly descriptor: number;
  private readonly rowBytes: number;
  /** Undefined where the bytes in the file are float32 as they stand. */
  private readonly convert: ToFloat32 | undefined;
  private encoded = new Uint8Array(0);

  constructor(private readonly file: VectorFile) {
    const numbers = file.numbers ?? FLOAT32;
    this.rows = file.rows;
    this.cols = file.cols;
    this.rowBytes = file.cols * NUMBER_BYTES[numbers.type];
    this.convert = toFloat32(numbers);
    try {
      this.descriptor = openSync(file.path, 'r');
    } catch (error) {
      throw fileError('read', file.path, error);
    }
  }

  read(start: number, end: number, target?: Float32Array): Float32Array {
    return this.gatherInFile(end - start, (i) => this.rowInFile(start + i), target);
  }

  gather(listed: ArrayLike<number>, target?: Float32Array): Float32Array {
    return this.gatherInFile(listed.length, (i) => this.rowInFile(listed[i]), target);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private rowInFile(row: number): number {
    return this.file.listed ? this.file.listed[row] : row;
  }

  /** Rows that follow each other in the file are one read. */
  private gatherInFile(
    count: number,
    rowAt: (i: number) => number,
    block: Float32Array = new Float32Array(count * this.cols),
  ): Float32Array {
    const { rowBytes, convert } = this;
    const bytes = convert ? this.room(count) : new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
    for (let i = 0; i < count; ) {
      const first = rowAt(i);
      let end = i + 1;
      while (end < count && rowAt(end) === first + end - i) end++;
      const position = this.file.dataOffset + first * rowBytes;
      this.readBytes(bytes.subarray(i * rowBytes, end * rowBytes), position);
      i = end;
    }
    convert?.(bytes, block);
    return block;
  }

  private readBytes(target: Uint8Array, position: number): void {
    try {
      readFully(this.descriptor, target, position);
    } catch (error) {
      throw fileError('read', this.file.path, error);
    }
  }

  /** Where the bytes of so many rows are read to before they become float32. */
  private room(count: number): Uint8Array {
    const bytes = count * this.rowBytes;
    if (this.encoded.length < bytes) this.encoded = new Uint8Array(bytes);
    return this.encoded.subarray(0, bytes);
  }
}

const FLOAT32: VectorFormat = { type: 'float32' };
const COLUMNS_AT_ONCE = 32;

/** Vectors whose columns lie one after the other, as in an array in Fortran order, as a matrix. */
export function readColumnMajor(vectors: Vectors): Matrix {
  const { rows, cols } = vectors;
  const matrix = createMatrix(rows, cols);
  // What is a row to the reader is a column here.
  forEachBlock({ ...vectors, rows: cols, cols: rows }, COLUMNS_AT_ONCE, (block, start, end) => {
    for (let row = 0; row < rows; row++) {
      for (let col = start; col < end; col++) matrix.data[row * cols + col] = block[(col - start) * rows + row];
    }
  });
  return matrix;
}

/** The same vectors in a form that reaches a worker thread without a copy per worker. */
export function shareVectors(vectors: Vectors): Vectors {
  return inOneGo(shareSteps(vectors));
}

/** {@link shareVectors} in steps. */
export function* shareSteps(vectors: Vectors): Steps<Vectors> {
  return 'data' in vectors ? yield* loadSteps(vectors) : vectors;
}

/** The WebAssembly memory that begins with these vectors, if they are in one; only the thread that made it knows. */
export function memoryOfVectors(vectors: Vectors): WasmMemory | undefined {
  return 'data' in vectors ? memoryOf(vectors.data) : undefined;
}

/** Vectors in shared memory: as they are, copied there, or read from disk. */
export function loadVectors(vectors: Vectors): Matrix {
  return inOneGo(loadSteps(vectors));
}

/** {@link loadVectors} in steps. */
export function* loadSteps(vectors: Vectors): Steps<Matrix> {
  if ('data' in vectors && vectors.data.buffer instanceof SharedArrayBuffer) return vectors;
  const matrix = createMatrix(vectors.rows, vectors.cols);
  yield* blockSteps(vectors, GATHERED_AT_ONCE, (block, start) => matrix.data.set(block, start * matrix.cols));
  return matrix;
}

/** The listed rows, ascending, as vectors: a copy of what is in memory; what is in a file stays there. */
export function subsetOf(vectors: Vectors, rows: Int32Array): Vectors {
  return inOneGo(subsetSteps(vectors, rows));
}

/** {@link subsetOf} in steps. */
export function* subsetSteps(vectors: Vectors, rows: Int32Array): Steps<Vectors> {
  if ('data' in vectors) return yield* gatherSteps(vectors, rows);
  const listed = sharedInts(rows.length);
  for (let i = 0; i < rows.length; i++) listed[i] = vectors.listed ? vectors.listed[rows[i]] : rows[i];
  return { ...vectors, rows: rows.length, listed };
}

/** Copy the listed rows into one matrix; `rows` should ascend when the vectors lie on disk. */
export function gatherRows(vectors: Vectors, rows: ArrayLike<number>): Matrix {
  return inOneGo(gatherSteps(vectors, rows));
}

/** {@link gatherRows} in steps. */
export function* gatherSteps(vectors: Vectors, rows: ArrayLike<number>): Steps<Matrix> {
  const reader = openVectors(vectors);
  try {
    const result = createMatrix(rows.length, vectors.cols);
    for (let start = 0; start < rows.length; start += GATHERED_AT_ONCE) {
      yield;
      const end = Math.min(rows.length, start + GATHERED_AT_ONCE);
      const part = Array.prototype.slice.call(rows, start, end) as number[];
      result.data.set(reader.gather(part), start * vectors.cols);
    }
    return result;
  } finally {
    reader.close();
  }
}

/** Call `visit` with consecutive blocks of at most `blockRows` rows, in an array that is used for the next block too. */
export function forEachBlock(
  vectors: Vectors,
  blockRows: number,
  visit: (block: Float32Array, start: number, end: number) => void,
): void {
  inOneGo(blockSteps(vectors, blockRows, visit));
}

/** {@link forEachBlock} in steps, one per block. */
export function* blockSteps(
  vectors: Vectors,
  blockRows: number,
  visit: (block: Float32Array, start: number, end: number) => void,
): Steps<void> {
  const reader = openVectors(vectors);
  const room = rowBuffer(vectors.cols);
  try {
    for (let start = 0; start < reader.rows; start += blockRows) {
      yield;
      const end = Math.min(reader.rows, start + blockRows);
      visit(reader.read(start, end, room(end - start)), start, end);
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
  inOneGo(finiteSteps(vectors, name));
}

/** {@link requireFinite} in steps. */
export function* finiteSteps(vectors: Vectors, name: string): Steps<void> {
  const { cols } = vectors;
  yield* blockSteps(vectors, 4096, (block, start) => {
    for (let i = 0; i < block.length; i++) {
      if (!Number.isFinite(block[i])) {
        const row = start + Math.floor(i / cols);
        throw new CoresetError(`${name}: row ${row}, column ${i % cols} is ${block[i]}; every number must be finite`);
      }
    }
  });
}
