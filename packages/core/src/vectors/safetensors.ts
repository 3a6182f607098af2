import { closeSync, fstatSync, openSync } from 'node:fs';
import { CoresetError } from '../errors/error.js';
import { fileError } from '../files/file-error.js';
import { NUMBER_BYTES, type NumberType } from './number-type.js';
import { readFully } from './vectors.js';

/** The header may have so many bytes, as in the library of the format. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const TYPES: Record<string, NumberType> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  U64: 'uint64',
  I32: 'int32',
  U32: 'uint32',
  I16: 'int16',
  U16: 'uint16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** A tensor of a `.safetensors` file, whose numbers lie there in C order, little-endian. */
export interface Tensor {
  name: string;
  /** As the format names it: `F32`, `I8`, … */
  dtype: string;
  /** Undefined of a dtype that is not known here. */
  type: NumberType | undefined;
  shape: number[];
  /** Where its bytes begin in the file. */
  offset: number;
  bytes: number;
}

/** What the header of a `.safetensors` file says. */
export interface SafetensorsHeader {
  /** In the order of the header. */
  tensors: Tensor[];
  metadata: unknown;
}

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Read the header of a `.safetensors` file.
 * @throws CoresetError when the file is missing or damaged, or tensors overlap or leave gaps
 */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  const { text, offset, fileBytes } = readHeader(path);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged(path, 'its header is no JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw damaged(path, 'its header is no JSON object');
  const { [METADATA]: metadata, ...entries } = header;
  const tensors = Object.entries(entries).map(([name, entry]) => tensorOf(path, name, entry, offset));
  requireOneAfterTheOther(tensors, offset, fileBytes, path);
  return { tensors, metadata };
}

function readHeader(path: string): { text: string; offset: number; fileBytes: number } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { size: fileBytes } = fstatSync(descriptor);
    if (fileBytes < 8) throw damaged(path, `${fileBytes} bytes are too few`);
    const length = Buffer.alloc(8);
    readFully(descriptor, length, 0);
    const headerBytes = Number(length.readBigUInt64LE());
    if (headerBytes > MAX_HEADER_BYTES || 8 + headerBytes > fileBytes)
      throw damaged(path, `its header would have ${headerBytes} bytes`);
    const text = Buffer.alloc(headerBytes);
    readFully(descriptor, text, 8);
    return { text: text.toString(), offset: 8 + headerBytes, fileBytes };
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function tensorOf(path: string, name: string, entry: unknown, start: number): Tensor {
  if (!isTensorEntry(entry)) throw damaged(path, `the entry of '${name}' is not readable`);
  const { dtype, shape } = entry;
  const [begin, end] = entry.data_offsets;
  const bytes = end - begin;
  const length = shape.reduce((product, size) => product * size, 1);
  const type = TYPES[dtype];
  if (bytes < 0 || (type !== undefined && bytes !== length * NUMBER_BYTES[type]))
    throw damaged(path, `'${name}' of shape (${shape.join(', ')}) and type ${dtype} has ${bytes} bytes`);
  return { name, dtype, type, shape, offset: start + begin, bytes };
}

function isTensorEntry(entry: unknown): entry is TensorEntry {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Partial<TensorEntry>;
  const areSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof dtype === 'string' && areSizes(shape) && areSizes(range) && range.length === 2;
}

/** The tensors fill the file, as the library of the format demands. */
function requireOneAfterTheOther(tensors: Tensor[], start: number, fileBytes: number, path: string): void {
  let at = start;
  for (const { name, offset, bytes } of [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    if (offset !== at) throw damaged(path, `'${name}' does not begin where the tensor before it ends`);
    at += bytes;
  }
  if (at !== fileBytes) throw damaged(path, `the tensors end at byte ${at}, the file at ${fileBytes}`);
}

function damaged(path: string, problem: string): CoresetError {
  return new CoresetError(`${path}: not a .safetensors file, cut short or damaged: ${problem}`);
}

/**
 * Read the bytes of a tensor.
 * @param memory where they go; it has at least as many
 * @throws CoresetError when the file cannot be read
 */
export function readTensor(path: string, { offset, bytes }: Tensor, memory: ArrayBufferLike): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    readFully(descriptor, new Uint8Array(memory, 0, bytes), offset);
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
