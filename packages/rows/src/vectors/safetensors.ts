import { closeSync, fstatSync, openSync } from 'node:fs';
import { CoresetError, fileError, NUMBER_BYTES, type NumberType, readFully, type Sink } from '@coreset/core';
import type { KeepRow } from '../row.js';
import { readRange } from './file-range.js';
import { countKept, hasRows, keptBytes, type StoredArray } from './stored-array.js';

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

interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

interface SafetensorsFile {
  /** In the order of the header. */
  arrays: StoredArray[];
  metadata: unknown;
}

/**
 * The tensors of a `.safetensors` file.
 * @throws CoresetError when the file is missing or damaged, or tensors overlap or leave gaps
 */
export function readSafetensors(path: string): StoredArray[] {
  return openSafetensors(path).arrays;
}

function openSafetensors(path: string): SafetensorsFile {
  const { text, offset, fileBytes } = readHeader(path);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged(path, 'its header is no JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw damaged(path, 'its header is no JSON object');
  const { [METADATA]: metadata, ...tensors } = header;
  const arrays = Object.entries(tensors).map(([name, entry]) => arrayOf(path, name, entry, offset));
  requireOneAfterTheOther(arrays, offset, fileBytes, path);
  return { arrays, metadata };
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

function arrayOf(path: string, name: string, entry: unknown, start: number): StoredArray {
  if (!isTensorEntry(entry)) throw damaged(path, `the entry of '${name}' is not readable`);
  const { dtype, shape } = entry;
  const [begin, end] = entry.data_offsets;
  const bytes = end - begin;
  const length = shape.reduce((product, size) => product * size, 1);
  const type = TYPES[dtype];
  if (bytes < 0 || (type !== undefined && bytes !== length * NUMBER_BYTES[type]))
    throw damaged(path, `'${name}' of shape (${shape.join(', ')}) and type ${dtype} has ${bytes} bytes`);
  const offset = start + begin;
  return {
    name,
    header: {
      path: `${path}, tensor '${name}'`,
      descr: dtype,
      numbers: type === undefined ? undefined : { type },
      objects: false,
      shape,
      length,
      fortranOrder: false,
      dataOffset: 0,
    },
    offset,
    bytes,
    read: () => readRange(path, offset, bytes),
  };
}

function isTensorEntry(entry: unknown): entry is TensorEntry {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Partial<TensorEntry>;
  const areSizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof dtype === 'string' && areSizes(shape) && areSizes(range) && range.length === 2;
}

/** The tensors fill the file, as the library of the format demands. */
function requireOneAfterTheOther(arrays: StoredArray[], start: number, fileBytes: number, path: string): void {
  let at = start;
  for (const { name, offset = 0, bytes } of inOrder(arrays)) {
    if (offset !== at) throw damaged(path, `'${name}' does not begin where the tensor before it ends`);
    at += bytes;
  }
  if (at !== fileBytes) throw damaged(path, `the tensors end at byte ${at}, the file at ${fileBytes}`);
}

function inOrder(arrays: StoredArray[]): StoredArray[] {
  return [...arrays].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0) || a.bytes - b.bytes);
}

function damaged(path: string, problem: string): CoresetError {
  return new CoresetError(`${path}: not a .safetensors file, cut short or damaged: ${problem}`);
}

/**
 * Write a `.safetensors` file with the kept rows: of each tensor that has as many rows as the vectors, the same rows are
 * kept; the others are copied.
 * @param rows of the vectors
 */
export async function writeKeptSafetensors(path: string, rows: number, keep: KeepRow, sink: Sink): Promise<void> {
  const { arrays, metadata } = openSafetensors(path);
  const kept = countKept(rows, keep);
  const placed = new Map<StoredArray, TensorEntry>();
  let at = 0;
  for (const array of inOrder(arrays)) {
    const { shape, descr: dtype } = array.header;
    const isCut = hasRows(array, rows);
    const end = at + (isCut && rows > 0 ? (array.bytes / rows) * kept : array.bytes);
    if (!Number.isInteger(end)) throw new CoresetError(`${array.header.path}: rows of ${dtype} cannot be told apart`);
    placed.set(array, { dtype, shape: isCut ? [kept, ...shape.slice(1)] : shape, data_offsets: [at, end] });
    at = end;
  }
  sink.write(
    encodeHeader(
      arrays.map((array) => [array.name, placed.get(array)]),
      metadata,
    ),
  );
  for (const array of inOrder(arrays)) {
    const content = hasRows(array, rows) ? keptBytes(array, keep) : array.read();
    for await (const bytes of content) sink.write(bytes);
  }
}

function encodeHeader(tensors: [string, TensorEntry | undefined][], metadata: unknown): Buffer {
  const entries = metadata === undefined ? tensors : [[METADATA, metadata], ...tensors];
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return header;
}
