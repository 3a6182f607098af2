import { closeSync, fstatSync, openSync } from 'node:fs';
import { fileError, writeAtomic } from './atomic-write.js';
import { CoresetError } from './error.js';
import { createMatrix, type Matrix } from './matrix.js';
import { sharedFloats } from './shared-memory.js';
import { readFully, type VectorFile } from './vectors.js';

/** The arrays that a `.npy` file may hold here. */
export type NpyArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

interface ArrayConstructor {
  new (buffer: ArrayBufferLike): NpyArray;
  BYTES_PER_ELEMENT: number;
}

const CONSTRUCTORS: Record<string, ArrayConstructor> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
  '|u1': Uint8Array,
};

const MAGIC = '\x93NUMPY';
const MAX_HEADER_BYTES = 1 << 16;

/** What the header of a `.npy` file says, checked against the file's length. */
export interface NpyHeader {
  path: string;
  /** NumPy's name of the element type, such as `<f4`. */
  descr: string;
  shape: number[];
  /** Number of elements. */
  length: number;
  /** Where the elements begin, in bytes. */
  dataOffset: number;
}

function parseHeader(text: string, path: string): { descr: string; shape: number[] } {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw new CoresetError(`${path}: the .npy header is not readable; save a plain numeric array with numpy.save`);
  }
  if (order === 'True') {
    throw new CoresetError(
      `${path}: the array is in Fortran (column-major) order; save numpy.ascontiguousarray(array) instead`,
    );
  }
  return {
    descr,
    shape: shape
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(Number),
  };
}

function withDescriptor<T>(path: string, action: string, use: (descriptor: number) => T): T {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return use(descriptor);
  } catch (error) {
    throw fileError(action, path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function headerFrom(descriptor: number, path: string): NpyHeader {
  const fileBytes = fstatSync(descriptor).size;
  if (fstatSync(descriptor).isDirectory()) throw new CoresetError(`${path} is a folder; a .npy file is needed`);
  const preamble = Buffer.alloc(12);
  if (fileBytes < 12) throw new CoresetError(`${path}: ${fileBytes} bytes are too few for a .npy file`);
  readFully(descriptor, preamble, 0);
  if (preamble.toString('latin1', 0, 6) !== MAGIC) {
    throw new CoresetError(`${path}: not a .npy file (it does not begin with the NumPy signature)`);
  }
  const version = preamble[6];
  if (version < 1 || version > 3)
    throw new CoresetError(`${path}: .npy format version ${version} is not known (1 to 3 are)`);
  const headerStart = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? preamble.readUInt16LE(8) : preamble.readUInt32LE(8);
  if (headerBytes > MAX_HEADER_BYTES || headerStart + headerBytes > fileBytes) {
    throw new CoresetError(`${path}: the .npy header is cut short or damaged`);
  }
  const headerText = Buffer.alloc(headerBytes);
  readFully(descriptor, headerText, headerStart);
  const { descr, shape } = parseHeader(headerText.toString('latin1'), path);
  const arrayType = CONSTRUCTORS[descr];
  if (arrayType === undefined) {
    const hint = descr.startsWith('>')
      ? "it is big-endian; save array.astype(array.dtype.newbyteorder('<'))"
      : 'save it as float32, float64, int32 or int64';
    throw new CoresetError(`${path}: element type '${descr}' is not supported; ${hint}`);
  }
  const length = shape.reduce((product, size) => product * size, 1);
  const dataOffset = headerStart + headerBytes;
  const expected = length * arrayType.BYTES_PER_ELEMENT;
  if (fileBytes - dataOffset !== expected) {
    throw new CoresetError(
      `${path}: shape (${shape.join(', ')}) of '${descr}' needs ${expected} bytes of data, the file has ${fileBytes - dataOffset}; it is cut short or damaged`,
    );
  }
  return { path, descr, shape, length, dataOffset };
}

/**
 * Read and check the header of a `.npy` file (format 1 to 3, C order, little-endian).
 * @throws CoresetError when the file is missing, damaged, of another type, order or byte order
 */
export function readNpyHeader(path: string): NpyHeader {
  return withDescriptor(path, 'read', (descriptor) => headerFrom(descriptor, path));
}

/** Read a whole `.npy` array; the elements keep their precision and lie in shared memory. */
export function readNpy(path: string): { data: NpyArray; shape: number[] } {
  return withDescriptor(path, 'read', (descriptor) => {
    const { descr, shape, length, dataOffset } = headerFrom(descriptor, path);
    const arrayType = CONSTRUCTORS[descr];
    const data =
      arrayType === Float32Array
        ? sharedFloats(length)
        : new arrayType(new SharedArrayBuffer(length * arrayType.BYTES_PER_ELEMENT));
    readFully(descriptor, new Uint8Array(data.buffer, 0, data.byteLength), dataOffset);
    return { data, shape };
  });
}

/** Read a vector of numbers of any supported type as float64, which holds each of them exactly (int64 below 2^53). */
export function readNpyVector(path: string): Float64Array {
  const { data, shape } = readNpy(path);
  if (shape.length !== 1)
    throw new CoresetError(`${path}: a one-dimensional array is needed, this one is (${shape.join(', ')})`);
  return data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A rank-2 header as (rows, cols), else a clear error. */
export function requireTwoDimensions(header: { path: string; shape: number[] }): [number, number] {
  if (header.shape.length !== 2) {
    throw new CoresetError(
      `${header.path}: a two-dimensional array (rows × columns) is needed, this one is (${header.shape.join(', ')})`,
    );
  }
  return [header.shape[0], header.shape[1]];
}

/**
 * Open embeddings in a `.npy` file without loading them.
 * @returns a {@link VectorFile} for float32; float64 is converted into a matrix in memory
 * @throws CoresetError when the array is not a two-dimensional float array
 */
export function openNpyVectors(path: string): VectorFile | Matrix {
  const header = readNpyHeader(path);
  const [rows, cols] = requireTwoDimensions(header);
  if (header.descr === '<f4') return { path, dataOffset: header.dataOffset, rows, cols };
  if (header.descr !== '<f8') {
    throw new CoresetError(`${path}: embeddings must be float32 or float64, these are '${header.descr}'`);
  }
  const matrix = createMatrix(rows, cols);
  matrix.data.set(readNpy(path).data as Float64Array);
  return matrix;
}

/** Read a two-dimensional float array into memory. */
export function readNpyMatrix(path: string): Matrix {
  const vectors = openNpyVectors(path);
  if ('data' in vectors) return vectors;
  return { data: readNpy(path).data as Float32Array, rows: vectors.rows, cols: vectors.cols };
}

function descrOf(data: NpyArray): string {
  for (const [descr, arrayType] of Object.entries(CONSTRUCTORS)) if (data instanceof arrayType) return descr;
  throw new CoresetError('only float32, float64, int32, int64 and uint8 arrays can be written as .npy');
}

/** The bytes before the elements of a `.npy` file (format 1.0), padded as NumPy pads them. */
export function npyHeader(descr: string, shape: number[]): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const padded = text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11) + '\n';
  const header = Buffer.alloc(10 + padded.length);
  header.write(MAGIC, 'latin1');
  header[6] = 1;
  header.writeUInt16LE(padded.length, 8);
  header.write(padded, 10, 'latin1');
  return header;
}

/**
 * Write an array as `.npy` (format 1.0, C order, little-endian), whole or not at all.
 * @throws CoresetError when the shape does not fit or the file cannot be written
 */
export async function writeNpy(path: string, data: NpyArray, shape: number[] = [data.length]): Promise<void> {
  if (shape.reduce((product, size) => product * size, 1) !== data.length) {
    throw new CoresetError(`${path}: shape (${shape.join(', ')}) does not hold ${data.length} numbers`);
  }
  await writeAtomic(path, (sink) => {
    sink.write(npyHeader(descrOf(data), shape));
    sink.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}
