import { closeSync, openSync, statSync } from 'node:fs';
import { fileError, npyHeaderWithRows, readFully, readNpyHeader, type Sink } from '@coreset/core';
import type { KeepRow } from '../row.js';
import { readRange } from './file-range.js';
import { countKept, keptBytes, type StoredArray } from './stored-array.js';

/** The array of a `.npy` file. */
export function readNpyArray(path: string): StoredArray {
  const header = readNpyHeader(path);
  const { dataOffset: offset } = header;
  const bytes = statSync(path).size - offset;
  return { name: '', header, offset, bytes, read: () => readRange(path, offset, bytes) };
}

/** Write the kept rows of a `.npy` file, of the same type, order and version. */
export async function writeKeptNpy(path: string, keep: KeepRow, sink: Sink): Promise<void> {
  const array = readNpyArray(path);
  sink.write(npyHeaderWithRows(headOf(path, array.header.dataOffset), countKept(array.header.shape[0], keep)));
  for await (const bytes of keptBytes(array, keep)) sink.write(bytes);
}

function headOf(path: string, bytes: number): Buffer {
  const head = Buffer.alloc(bytes);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    readFully(descriptor, head, 0);
    return head;
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
