import { closeSync, fstatSync, openSync } from 'node:fs';
import { CoresetError } from '../errors/error.js';
import { writeAtomic } from '../files/atomic-write.js';
import { fileError } from '../files/file-error.js';
import type { Matrix } from '../vectors/matrix.js';
import {
  NUMBER_BYTES,
  type NumberFormat,
  type NumberType,
  requireVectorFormat,
  swapBytes,
  toFloat32,
} from '../vectors/number-type.js';
import { sharedFloats } from '../vectors/shared-memory.js';
import { loadVectors, readColumnMajor, readFully, type VectorFile } from '../vectors/vectors.js';
import { NPY_PREAMBLE_BYTES, type NpyHeader, npyDataOffset, npyHeader, parseNpyHeader } from './npy-header.js';

/** The arrays that a `.npy` file is read into. */
export type NpyArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

interface ArrayConstructor {
  new (buffer: ArrayBufferLike): NpyArray;
}

/** The array of each type; float16 and bfloat16, for which there is none, become float32. */
const ARRAYS: Record<Exclude<NumberType, 'float16' | 'bfloat16'>, ArrayConstructor> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

const WRITTEN: [string, ArrayConstructor][] = [
  ['<f4', Float32Array],
  ['<f8', Float64Array],
  ['<i4', Int32Array],
  ['<i8', BigInt64Array],
  ['|u1', Uint8Array],
];

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
  const { size: fileBytes } = fstatSync(descriptor);
  if (fstatSync(descriptor).isDirectory()) throw new CoresetError(`${path} is a folder; a .npy file is needed`);
  const preamble = Buffer.alloc(NPY_PREAMBLE_BYTES);
  if (fileBytes >= preamble.length) readFully(descriptor, preamble, 0);
  const head = Buffer.alloc(npyDataOffset(preamble, fileBytes, path));
  readFully(descriptor, head, 0);
  const header = parseNpyHeader(head, path);
  requireNpyLength(header, fileBytes - head.length);
  return header;
}

/**
 * Check that an array has as many bytes as its header says; where the size of an element is not known, that it can have.
 * @throws CoresetError where it has not
 */
export function requireNpyLength({ path, descr, numbers, objects, shape, length }: NpyHeader, bytes: number): void {
  const size = numbers === undefined ? undefined : NUMBER_BYTES[numbers.type];
  const whole = size === undefined ? bytes % Math.max(length, 1) === 0 : bytes === length * size;
  if (objects || whole) return;
  const needed = size === undefined ? `a multiple of ${length}` : length * size;
  throw new CoresetError(
    `${path}: shape (${shape.join(', ')}) of '${descr}' needs ${needed} bytes of data, the file has ${bytes}; it is cut short or damaged`,
  );
}

/**
 * Read and check the header of a `.npy` file (format 1 to 3).
 * @throws CoresetError when the file is missing or damaged
 */
export function readNpyHeader(path: string): NpyHeader {
  return withDescriptor(path, 'read', (descriptor) => headerFrom(descriptor, path));
}

/**
 * Read a whole `.npy` array of numbers into shared memory; the elements keep their precision, float16 becomes float32.
 * @throws CoresetError when the file is missing, damaged, of another type, or an array in Fortran order
 */
export function readNpy(path: string): { data: NpyArray; shape: number[] } {
  return withDescriptor(path, 'read', (descriptor) => {
    const header = headerFrom(descriptor, path);
    const numbers = requireNumbers(header);
    if (header.fortranOrder) {
      throw new CoresetError(
        `${path}: the array is in Fortran (column-major) order; save numpy.ascontiguousarray(array) instead`,
      );
    }
    const data = arrayOf(header.length, numbers, (target) => readFully(descriptor, target, header.dataOffset));
    return { data, shape: header.shape };
  });
}

function arrayOf(length: number, { type, bigEndian }: NumberFormat, fill: (target: Uint8Array) => void): NpyArray {
  const size = NUMBER_BYTES[type];
  if (type === 'float16' || type === 'bfloat16') {
    const bytes = new Uint8Array(length * size);
    fill(bytes);
    const data = sharedFloats(length);
    toFloat32({ type, bigEndian })?.(bytes, data);
    return data;
  }
  const data = type === 'float32' ? sharedFloats(length) : new ARRAYS[type](new SharedArrayBuffer(length * size));
  const bytes = new Uint8Array(data.buffer, 0, data.byteLength);
  fill(bytes);
  if (bigEndian) swapBytes(bytes, size);
  return data;
}

/** How the numbers of an array are encoded, else a clear error. */
function requireNumbers({ path, descr, numbers, objects }: NpyHeader): NumberFormat {
  if (numbers !== undefined) return numbers;
  const hint = objects
    ? "it holds Python objects, such as a list of lists; save numpy.stack(array).astype('float32')"
    : "save it as numbers, such as array.astype('float32')";
  throw new CoresetError(`${path}: element type '${descr}' is not supported; ${hint}`);
}

/** Read a vector of numbers of any supported type as float64, which holds each of them exactly (int64 below 2^53). */
export function readNpyVector(path: string): Float64Array {
  const { data, shape } = readNpy(path);
  if (shape.length !== 1)
    throw new CoresetError(`${path}: a one-dimensional array is needed, this one is (${shape.join(', ')})`);
  return data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A rank-2 header as (rows, cols), else a clear error. */
export function requireTwoDimensions({ path, shape }: { path: string; shape: number[] }): [number, number] {
  if (shape.length !== 2) {
    const hint =
      shape.length === 1
        ? 'save array.reshape(rows, -1)'
        : shape.length === 0
          ? 'this is a single number'
          : 'make one vector of each row, such as array.mean(axis=1) or array.reshape(len(array), -1)';
    throw new CoresetError(
      `${path}: a two-dimensional array (rows × columns) is needed, this one is (${shape.join(', ')}); ${hint}`,
    );
  }
  return [shape[0], shape[1]];
}

/**
 * Where the vectors of an array lie in a file. Those in Fortran order are read by {@link readColumnMajor}.
 * @throws CoresetError when the array is not two-dimensional or its numbers are no vectors
 */
export function vectorFileOf(header: NpyHeader, path: string, dataOffset: number): VectorFile {
  const numbers = requireVectorFormat(requireNumbers(header), header.path);
  const [rows, cols] = requireTwoDimensions(header);
  return { path, dataOffset, rows, cols, numbers };
}

/**
 * Open embeddings in a `.npy` file without loading them: they become float32 block by block as they are read. An array
 * in Fortran order is loaded.
 * @throws CoresetError when the array is not two-dimensional or of another type than float64, float32, float16, int8 or uint8
 */
export function openNpyVectors(path: string): VectorFile | Matrix {
  const header = readNpyHeader(path);
  const file = vectorFileOf(header, path, header.dataOffset);
  return header.fortranOrder ? readColumnMajor(file) : file;
}

/** Read a two-dimensional array into memory as float32. */
export function readNpyMatrix(path: string): Matrix {
  return loadVectors(openNpyVectors(path));
}

function descrOf(data: NpyArray): string {
  for (const [descr, arrayType] of WRITTEN) if (data instanceof arrayType) return descr;
  throw new CoresetError('only float32, float64, int32, int64 and uint8 arrays can be written as .npy');
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
