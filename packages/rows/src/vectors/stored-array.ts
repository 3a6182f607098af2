import { CoresetError, type NpyHeader, NUMBER_BYTES, nearestName, requireVectorFormat } from '@coreset/core';
import type { KeepRow } from '../row.js';

/** An array in a file, perhaps among others. */
export interface StoredArray {
  /** Its name in the file; empty in a file of one array. */
  name: string;
  /** Type, shape and order. `path` is what messages call the array; `dataOffset` is not used. */
  header: NpyHeader;
  /** Where its elements begin in the file, in bytes; undefined where they are packed. */
  offset: number | undefined;
  /** Bytes of its elements, unpacked. */
  bytes: number;
  /** Its elements' bytes, unpacked. */
  read(): AsyncGenerator<Buffer, void, undefined>;
}

/**
 * The array of a file that holds vectors.
 * @param member its name; default: the only two-dimensional one of numbers that vectors consist of
 * @throws CoresetError that lists the arrays when none or several will do
 */
export function chooseVectors(arrays: StoredArray[], path: string, member?: string): StoredArray {
  const listed = arrays.map(describeArray).join(', ');
  if (member !== undefined) {
    const named = arrays.find(({ name }) => name === member);
    if (named !== undefined) return named;
    const nearest = nearestName(
      member,
      arrays.map(({ name }) => name),
    );
    const meant = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    throw new CoresetError(
      `${path}: there is no array '${member}'${meant}${meant ? ' The' : '; the'} arrays are ${listed || 'none'}`,
    );
  }
  const candidates = arrays.filter(({ header }) => isVectors(header));
  if (candidates.length === 1) return candidates[0];
  if (candidates.length > 1)
    throw new CoresetError(
      `${path} holds several arrays of vectors: ${candidates.map(describeArray).join(', ')}; name one with --member`,
    );
  throw new CoresetError(
    `${path} holds no array of vectors, which is two-dimensional and of floats, int8 or uint8; the arrays are ${listed || 'none'}`,
  );
}

function isVectors({ shape, numbers }: NpyHeader): boolean {
  if (shape.length !== 2 || numbers === undefined) return false;
  try {
    requireVectorFormat(numbers, '');
    return true;
  } catch {
    return false;
  }
}

function describeArray({ name, header: { shape, numbers, descr } }: StoredArray): string {
  return `${name} (${shape.join(' × ')} ${numbers?.type ?? descr})`.replace('( ', '(');
}

/** Whether an array has a row for each of so many rows. */
export function hasRows({ header: { shape } }: StoredArray, rows: number): boolean {
  return shape.length > 0 && shape[0] === rows;
}

/**
 * Check that the rows of all arrays with so many rows can be told apart.
 * @throws CoresetError when one holds Python objects
 */
export function requireCuttableRows(arrays: StoredArray[], rows: number): void {
  for (const array of arrays) {
    if (array.header.objects && hasRows(array, rows))
      throw new CoresetError(
        `${array.header.path} holds Python objects, which cannot be cut to the kept rows; save them as text with array.astype(str), or leave them out`,
      );
  }
}

/** The bytes of the kept rows. Where the first index runs fastest, they are taken out of each column. */
export async function* keptBytes(array: StoredArray, keep: KeepRow): AsyncGenerator<Buffer, void, undefined> {
  const { shape, fortranOrder, length, numbers } = array.header;
  const rows = shape[0];
  if (length === 0) return;
  const item = numbers === undefined ? array.bytes / length : NUMBER_BYTES[numbers.type];
  const unit = fortranOrder ? item : array.bytes / rows;
  let row = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of array.read()) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const units = Math.floor(bytes.length / unit);
    let begin = 0;
    for (let i = 0; i < units; i++) {
      if (!keep(row)) {
        if (begin < i) yield bytes.subarray(begin * unit, i * unit);
        begin = i + 1;
      }
      row = row + 1 === rows ? 0 : row + 1;
    }
    if (begin < units) yield bytes.subarray(begin * unit, units * unit);
    rest = bytes.subarray(units * unit);
  }
}

/** How many of the rows are kept. */
export function countKept(rows: number, keep: KeepRow): number {
  let kept = 0;
  for (let row = 0; row < rows; row++) if (keep(row)) kept++;
  return kept;
}

/** A part of a file as it stands. */
export async function* skipBytes(
  chunks: AsyncIterable<Buffer>,
  count: number,
): AsyncGenerator<Buffer, void, undefined> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
