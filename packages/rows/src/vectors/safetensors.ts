import { CoresetError, readSafetensorsHeader, type Sink, type Tensor } from '@coreset/core';
import type { KeepRow } from '../row.js';
import { readRange } from './file-range.js';
import { countKept, hasRows, keptBytes, type StoredArray } from './stored-array.js';

const METADATA = '__metadata__';

/** A tensor as the header has it. */
interface TensorEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * The tensors of a `.safetensors` file.
 * @throws CoresetError when the file is missing or damaged, or tensors overlap or leave gaps
 */
export function readSafetensors(path: string): StoredArray[] {
  return openSafetensors(path).arrays;
}

function openSafetensors(path: string): { arrays: StoredArray[]; metadata: unknown } {
  const { tensors, metadata } = readSafetensorsHeader(path);
  return { arrays: tensors.map((tensor) => arrayOf(path, tensor)), metadata };
}

function arrayOf(path: string, { name, dtype, type, shape, offset, bytes }: Tensor): StoredArray {
  return {
    name,
    header: {
      path: `${path}, tensor '${name}'`,
      descr: dtype,
      numbers: type === undefined ? undefined : { type },
      objects: false,
      shape,
      length: shape.reduce((product, size) => product * size, 1),
      fortranOrder: false,
      dataOffset: 0,
    },
    offset,
    bytes,
    read: () => readRange(path, offset, bytes),
  };
}

function inOrder(arrays: StoredArray[]): StoredArray[] {
  return [...arrays].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0) || a.bytes - b.bytes);
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
