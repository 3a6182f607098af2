import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { CoresetError, fileError, isSystemError } from '@coreset/core';

/** A tensor of a file. */
export interface TensorEntry {
  /** As the format names it: `F32`, `I8`, … */
  type: string;
  shape: number[];
  /** Where its bytes begin in the file. */
  start: number;
  bytes: number;
}

/** The header begins with its own length. */
const LENGTH_BYTES = 8;
/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;
/** One call of the system reads less than 2 GB. */
const BYTES_AT_ONCE = 1 << 30;

const TYPE_BYTES: Record<string, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function withFile<Result>(path: string, use: (file: number) => Result): Result {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return use(file);
  } catch (error) {
    throw isSystemError(error) ? fileError('read', path, error) : error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readFully(file: number, target: Uint8Array, from: number, path: string): void {
  for (let read = 0; read < target.length; ) {
    const got = readSync(file, target, read, Math.min(BYTES_AT_ONCE, target.length - read), from + read);
    if (got === 0) throw new CoresetError(`cannot read ${path}: it is cut short; download or copy it again`);
    read += got;
  }
}

function entryOf(path: string, name: string, value: unknown, start: number, end: number): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const size = TYPE_BYTES[String(dtype)];
  if (!Array.isArray(shape) || !shape.every(isCount) || !Array.isArray(offsets) || !offsets.every(isCount))
    throw new CoresetError(`cannot read ${path}: its header does not say where the tensor ${name} is`);
  const [first, last] = offsets;
  const bytes = last - first;
  const numbers = shape.reduce((product, length) => product * length, 1);
  if (offsets.length !== 2 || bytes < 0 || (size !== undefined && numbers * size !== bytes))
    throw new CoresetError(`cannot read ${path}: the bytes of the tensor ${name} are not those of its shape`);
  if (start + last > end) throw new CoresetError(`cannot read ${path}: it is cut short; download or copy it again`);
  return { type: String(dtype), shape, start: start + first, bytes };
}

/**
 * The tensors of a file of the format safetensors, by name, from its header alone
 * (https://huggingface.co/docs/safetensors).
 * @throws CoresetError naming the file when it is none, or cut short
 */
export function safetensorsHeader(path: string): Map<string, TensorEntry> {
  return withFile(path, (file) => {
    const { size } = statSync(path);
    const length = new Uint8Array(LENGTH_BYTES);
    if (size < LENGTH_BYTES) throw new CoresetError(`cannot read ${path}: it is no safetensors file`);
    readFully(file, length, 0, path);
    const bytes = new DataView(length.buffer).getBigUint64(0, true);
    if (bytes > LONGEST_HEADER || LENGTH_BYTES + Number(bytes) > size)
      throw new CoresetError(`cannot read ${path}: it is no safetensors file, or cut short`);
    const header = new Uint8Array(Number(bytes));
    readFully(file, header, LENGTH_BYTES, path);
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(header));
    } catch {
      // Said below.
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new CoresetError(`cannot read ${path}: it is no safetensors file`);
    const { __metadata__: _, ...tensors } = json as Record<string, unknown>;
    const start = LENGTH_BYTES + header.length;
    return new Map(Object.entries(tensors).map(([name, value]) => [name, entryOf(path, name, value, start, size)]));
  });
}

/**
 * The bytes of a tensor, little-endian as the format is.
 * @param memory where they go, a byte each
 */
export function readTensor(path: string, { start, bytes }: TensorEntry, memory: ArrayBufferLike): void {
  withFile(path, (file) => readFully(file, new Uint8Array(memory, 0, bytes), start, path));
}
