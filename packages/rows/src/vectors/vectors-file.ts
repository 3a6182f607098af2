import {
  CoresetError,
  createMatrix,
  type Matrix,
  NUMBER_BYTES,
  readColumnMajor,
  requireKnownOptions,
  type Sink,
  toFloat32,
  type VectorFile,
  type Vectors,
  vectorFileOf,
} from '@coreset/core';
import { bareExtension } from '../format.js';
import type { KeepRow, Row, RowContents } from '../row.js';
import { readNpyArray, writeKeptNpy } from './npy-array.js';
import { readSafetensors, writeKeptSafetensors } from './safetensors.js';
import { chooseVectors, requireCuttableRows, type StoredArray } from './stored-array.js';

/** Which of the arrays in a file is meant. */
export interface VectorsOptions {
  /** Name of an array in a `.npz` or `.safetensors` file. Default: the only one that can be vectors. */
  member?: string;
}

/** Every option of {@link VectorsOptions}. */
export const VECTORS_OPTIONS: Readonly<Record<keyof VectorsOptions, true>> = { member: true };

/** Larger arrays are not unpacked into memory. */
const MAX_UNPACKED_BYTES = 2 ** 32;

/** What unpacks zip archives is loaded when it is needed. */
const loadNpz = () => import('./npz.js');

/** The arrays of a file, and the one that holds the vectors. */
async function openArrays(path: string, member?: string): Promise<{ arrays: StoredArray[]; vectors: StoredArray }> {
  const extension = bareExtension(path);
  if (extension !== '.npz' && extension !== '.safetensors') {
    if (member !== undefined)
      throw new CoresetError(`${path}: --member names an array of a .npz or .safetensors file; leave it out here`);
    const vectors = readNpyArray(path);
    return { arrays: [vectors], vectors };
  }
  const arrays = extension === '.npz' ? await (await loadNpz()).readNpz(path) : readSafetensors(path);
  return { arrays, vectors: chooseVectors(arrays, path, member) };
}

/**
 * Open ready-made vectors in a `.npy`, `.npz` or `.safetensors` file: float64, float32, float16, bfloat16, int8 or
 * uint8, which become float32. They stay in the file and are read by blocks; packed arrays (`numpy.savez_compressed`)
 * and those in Fortran order are loaded.
 * @throws CoresetError when the file is missing or damaged, or its array is no vectors; one that lists the arrays when one must be named
 */
export async function openVectorsFile(path: string, options: VectorsOptions = {}): Promise<Vectors> {
  requireKnownOptions('openVectorsFile', options, VECTORS_OPTIONS);
  const { vectors } = await openArrays(path, options.member);
  const file = vectorFileOf(vectors.header, path, vectors.offset ?? 0);
  if (vectors.offset === undefined) return unpack(vectors, file);
  return vectors.header.fortranOrder ? readColumnMajor(file) : file;
}

async function unpack(array: StoredArray, { rows, cols, numbers = { type: 'float32' } }: VectorFile): Promise<Matrix> {
  if (rows * cols * 4 > MAX_UNPACKED_BYTES)
    throw new CoresetError(
      `${array.header.path} is packed and larger than ${MAX_UNPACKED_BYTES / 2 ** 30} GiB; save it with numpy.savez or numpy.save, which are read in place`,
    );
  const { fortranOrder } = array.header;
  const matrix = fortranOrder ? createMatrix(cols, rows) : createMatrix(rows, cols);
  const { data } = matrix;
  const convert = toFloat32(numbers);
  const size = NUMBER_BYTES[numbers.type];
  let rest: Uint8Array = Buffer.alloc(0);
  let done = 0;
  for await (const chunk of array.read()) {
    const count = Math.floor((rest.length + chunk.length) / size);
    // In an array buffer of its own, since numbers must begin at a multiple of their size.
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const target = data.subarray(done, done + count);
    if (convert) convert(bytes.subarray(0, count * size), target);
    else target.set(new Float32Array(bytes.buffer, 0, count));
    rest = bytes.subarray(count * size);
    done += count;
  }
  return fortranOrder ? readColumnMajor({ data, rows, cols }) : matrix;
}

/** Ready-made vectors as rows: they have no fields, and the kept file has the arrays of the kept rows. */
export function vectorRows(path: string, { member }: VectorsOptions = {}): RowContents {
  return {
    async fields(): Promise<string[]> {
      const { arrays, vectors } = await openArrays(path, member);
      requireCuttableRows(arrays, vectors.header.shape[0]);
      return [];
    },
    // biome-ignore lint/correctness/useYield: such a file has vectors, not fields
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      throw new CoresetError(`${path} holds embeddings, not fields to read`);
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      const { vectors } = await openArrays(path, member);
      const { rows } = vectorFileOf(vectors.header, path, 0);
      const extension = bareExtension(path);
      if (extension === '.npz') await (await loadNpz()).writeKeptNpz(path, rows, keep, sink);
      else if (extension === '.safetensors') await writeKeptSafetensors(path, rows, keep, sink);
      else await writeKeptNpy(path, keep, sink);
    },
  };
}
