import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { unpackHybrid } from './levels.js';
import { type Leaf, PHYSICAL } from './schema.js';

/** Encodings by their numbers in parquet.thrift. */
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;

const ENCODING_NAMES = new Map(Object.entries(ENCODING).map(([name, number]) => [number as number, name]));

/** Whether pages of this encoding can be read. */
export function isKnownEncoding(encoding: number): boolean {
  return ENCODING_NAMES.has(encoding);
}

/**
 * Physical values: the bytes as they are in the file, not interpreted. Those of fixed width lie one behind the other,
 * a boolean taking a byte; value i of varying length is `bytes` from `starts[i]` up to `ends[i]`.
 */
export interface Values {
  count: number;
  /** 0: of varying length. */
  width: number;
  bytes: Buffer;
  starts: Int32Array;
  ends: Int32Array;
}

const NONE = new Int32Array(0);

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function fixedValues(count: number, width: number, bytes: Uint8Array): Values {
  if (bytes.length < count * width) throw new Error('a page is cut short');
  return { count, width, bytes: asBuffer(bytes.subarray(0, count * width)), starts: NONE, ends: NONE };
}

/** The bytes of value `i`. */
export function valueBytes(values: Values, i: number): Buffer {
  const { width, bytes, starts, ends } = values;
  return width === 0 ? bytes.subarray(starts[i], ends[i]) : bytes.subarray(i * width, (i + 1) * width);
}

/**
 * Read `count` values of an encoding other than a dictionary's.
 * @throws Error when the bytes are too few, damaged or of an unknown encoding
 */
export function readValues(bytes: Uint8Array, encoding: number, leaf: Leaf, count: number): Values {
  const { physical, width } = leaf;
  switch (encoding) {
    case ENCODING.plain:
      return readPlain(bytes, leaf, count);
    case ENCODING.rle: {
      if (physical !== PHYSICAL.boolean) break;
      const flags = new Uint8Array(count);
      unpackHybrid(bytes.subarray(4), 1, flags);
      return fixedValues(count, width, flags);
    }
    case ENCODING.byteStreamSplit: {
      if (width === 0) break;
      return fixedValues(count, width, joinStreams(bytes, count, width));
    }
    case ENCODING.deltaBinaryPacked: {
      if (physical !== PHYSICAL.int32 && physical !== PHYSICAL.int64) break;
      const numbers = physical === PHYSICAL.int32 ? new Int32Array(count) : new BigInt64Array(count);
      if (count > 0) deltaBinaryUnpack(readerOf(bytes), count, numbers);
      return fixedValues(count, width, new Uint8Array(numbers.buffer));
    }
    case ENCODING.deltaLengthByteArray:
    case ENCODING.deltaByteArray: {
      if (physical !== PHYSICAL.byteArray && physical !== PHYSICAL.fixedLengthByteArray) break;
      const parts = new Array<Uint8Array>(count);
      const unpack = encoding === ENCODING.deltaByteArray ? deltaByteArray : deltaLengthByteArray;
      if (count > 0) unpack(readerOf(bytes), count, parts);
      return joinParts(parts, width);
    }
  }
  throw new Error(`the encoding ${ENCODING_NAMES.get(encoding) ?? encoding} of a column is not known`);
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
}

function readPlain(bytes: Uint8Array, { physical, width }: Leaf, count: number): Values {
  if (physical === PHYSICAL.boolean) {
    if (bytes.length * 8 < count) throw new Error('a page is cut short');
    const flags = new Uint8Array(count);
    for (let i = 0; i < count; i++) flags[i] = (bytes[i >> 3] >> (i & 7)) & 1;
    return fixedValues(count, width, flags);
  }
  if (width > 0 || physical === PHYSICAL.fixedLengthByteArray) return fixedValues(count, width, bytes);
  const buffer = asBuffer(bytes);
  if (buffer.length < count * 4) throw new Error('a page is cut short');
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = at + 4;
    at = start + buffer.readUInt32LE(at);
    if (at > buffer.length) throw new Error('a page is cut short');
    starts[i] = start;
    ends[i] = at;
  }
  return { count, width: 0, bytes: buffer, starts, ends };
}

function joinStreams(bytes: Uint8Array, count: number, width: number): Uint8Array {
  if (bytes.length < count * width) throw new Error('a page is cut short');
  const joined = new Uint8Array(count * width);
  for (let stream = 0; stream < width; stream++) {
    for (let i = 0; i < count; i++) joined[i * width + stream] = bytes[stream * count + i];
  }
  return joined;
}

function joinParts(parts: Uint8Array[], width: number): Values {
  const bytes = Buffer.concat(parts);
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    if (width > 0 && part.length !== width) throw new Error('a value has another length than the schema says');
    starts[i] = at;
    at += part.length;
    ends[i] = at;
  }
  if (width > 0) return fixedValues(parts.length, width, bytes);
  return { count: parts.length, width: 0, bytes, starts, ends };
}
