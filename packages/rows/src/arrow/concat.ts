import type { ArrowArray } from './arrays.js';
import { takeValues } from './take.js';

/**
 * The values of several arrays of one type as one array.
 * @throws Error for types whose arrays are not put together: unions and runs
 */
export function concatArrays(arrays: ArrowArray[]): ArrowArray {
  return concatPlain(
    arrays.map((array) =>
      takeValues(
        array,
        Uint32Array.from({ length: array.length }, (_, i) => i),
      ),
    ),
  );
}

/** Of arrays as {@link takeValues} makes them: offsets begin at 0, buffers are no longer than they must be. */
function concatPlain(arrays: ArrowArray[]): ArrowArray {
  const [{ field }] = arrays;
  const { layout } = field;
  const whole: ArrowArray = {
    field,
    length: arrays.reduce((sum, { length }) => sum + length, 0),
    validity: concatValidity(arrays),
    buffers: [],
    children: [],
  };
  const items = (): ArrowArray[] => [concatPlain(arrays.map(({ children }) => children[0]))];
  const bufferOf = (b: number): Buffer => Buffer.concat(arrays.map(({ buffers }) => buffers[b]));
  switch (layout.kind) {
    case 'none':
      return whole;
    case 'bits':
      return { ...whole, buffers: [concatBits(arrays.map(({ buffers, length }) => [buffers[0], length]))] };
    case 'fixed':
      return { ...whole, buffers: [bufferOf(0)] };
    case 'bytes':
      return {
        ...whole,
        buffers: [concatOffsets(arrays, layout.isWide, ({ buffers }) => buffers[1].length), bufferOf(1)],
      };
    case 'views':
      return { ...whole, buffers: concatViews(arrays) };
    case 'list':
      return { ...whole, buffers: [concatOffsets(arrays, layout.isWide, childLength)], children: items() };
    case 'list-view': {
      const offsets = concatOffsets(arrays, layout.isWide, childLength);
      const starts = offsets.subarray(0, whole.length * (layout.isWide ? 8 : 4));
      return { ...whole, buffers: [starts, bufferOf(1)], children: items() };
    }
    case 'fixed-list':
      return { ...whole, children: items() };
    case 'struct':
      return {
        ...whole,
        children: field.children.map((_, c) => concatPlain(arrays.map(({ children }) => children[c]))),
      };
    default:
      throw new Error(`the dictionary of '${field.name}' is of a type whose entries cannot be put together`);
  }
}

function childLength({ children }: ArrowArray): number {
  return children[0].length;
}

function concatValidity(arrays: ArrowArray[]): Buffer {
  if (arrays.every(({ validity }) => validity.length === 0)) return Buffer.alloc(0);
  return concatBits(
    arrays.map(({ validity, length }) => [
      validity.length > 0 ? validity : Buffer.alloc(Math.ceil(length / 8), 255),
      length,
    ]),
  );
}

function concatBits(parts: [Buffer, number][]): Buffer {
  const bits = Buffer.alloc(Math.ceil(parts.reduce((sum, [, length]) => sum + length, 0) / 8));
  let at = 0;
  for (const [part, length] of parts)
    for (let i = 0; i < length; i++, at++) bits[at >> 3] |= ((part[i >> 3] >> (i & 7)) & 1) << (at & 7);
  return bits;
}

function concatOffsets(arrays: ArrowArray[], isWide: boolean, extent: (array: ArrowArray) => number): Buffer {
  const width = isWide ? 8 : 4;
  const offsets = Buffer.alloc((arrays.reduce((sum, { length }) => sum + length, 0) + 1) * width);
  let at = 0;
  let base = 0;
  const write = (value: number): void => {
    if (isWide) offsets.writeBigInt64LE(BigInt(value), at);
    else offsets.writeInt32LE(value, at);
    at += width;
  };
  for (const array of arrays) {
    const [own] = array.buffers;
    for (let i = 0; i < array.length; i++)
      write(base + (isWide ? Number(own.readBigInt64LE(i * 8)) : own.readInt32LE(i * 4)));
    base += extent(array);
  }
  write(base);
  return offsets;
}

function concatViews(arrays: ArrowArray[]): Buffer[] {
  const views: Buffer[] = [];
  const data: Buffer[] = [];
  let base = 0;
  for (const { buffers, length } of arrays) {
    const own = Buffer.from(buffers[0]);
    for (let i = 0; i < length; i++)
      if (own.readInt32LE(i * 16) > 12) own.writeInt32LE(base + own.readInt32LE(i * 16 + 12), i * 16 + 12);
    views.push(own);
    if (buffers.length > 1) data.push(buffers[1]);
    base += buffers[1]?.length ?? 0;
  }
  return base === 0 ? [Buffer.concat(views)] : [Buffer.concat(views), Buffer.concat(data)];
}
