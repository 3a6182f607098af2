import { decimalText, exactInteger, float16Value, setField } from '../values/numbers.js';
import { utf8Text } from '../values/text.js';
import { dateText, timestampText, timeText } from '../values/times.js';
import { type ArrowArray, isValid, range, runOf, viewBytes } from './arrays.js';

/** Gives the value at an index. */
type ReadValue = (i: number) => unknown;

/** The entries of the dictionaries so far, by number. */
export type Dictionaries = Map<number, { entries: unknown[] }>;

const MILLISECONDS_OF_DAY = 86_400_000;

/** How the values of an array are read. */
export function arrayReader(array: ArrowArray, dictionaries: Dictionaries): ReadValue {
  const read = presentReader(array, dictionaries);
  return array.validity.length === 0 ? read : (i) => (isValid(array, i) ? read(i) : null);
}

function presentReader(array: ArrowArray, dictionaries: Dictionaries): ReadValue {
  const { field, buffers, children } = array;
  const { layout, meaning, dictionary } = field;
  if (dictionary !== undefined) {
    const index = fixedReader(array);
    const found = dictionaries.get(dictionary.id);
    return (i) => {
      const at = Number(index(i));
      if (found === undefined || at < 0 || at >= found.entries.length)
        throw new Error(`the column '${field.name}' points to entries that its dictionary lacks`);
      return found.entries[at];
    };
  }
  switch (layout.kind) {
    case 'none':
      return () => null;
    case 'bits':
      return (i) => ((buffers[0][i >> 3] >> (i & 7)) & 1) === 1;
    case 'fixed':
      return fixedReader(array);
    case 'bytes':
      return (i) => {
        const [start, end] = range(array, i);
        if (end > buffers[1].length) throw new Error('an offset is damaged');
        return meaning.kind === 'text'
          ? utf8Text(buffers[1], start, end)
          : Uint8Array.from(buffers[1].subarray(start, end));
      };
    case 'views':
      return (i) => {
        const bytes = viewBytes(array, i);
        return meaning.kind === 'text' ? utf8Text(bytes, 0, bytes.length) : Uint8Array.from(bytes);
      };
    case 'list':
    case 'list-view':
    case 'fixed-list': {
      const item =
        meaning.kind === 'map' ? pairReader(children[0], dictionaries) : arrayReader(children[0], dictionaries);
      return (i) => {
        const [start, end] = range(array, i);
        if (end > children[0].length) throw new Error('an offset is damaged');
        return Array.from({ length: end - start }, (_, j) => item(start + j));
      };
    }
    case 'struct': {
      const readers = children.map((child) => arrayReader(child, dictionaries));
      return (i) => {
        const struct: Record<string, unknown> = {};
        for (const [c, read] of readers.entries()) setField(struct, children[c].field.name, read(i));
        return struct;
      };
    }
    case 'union': {
      const readers = children.map((child) => arrayReader(child, dictionaries));
      return (i) => {
        const read = readers[layout.typeIds.indexOf(buffers[0].readInt8(i))];
        if (read === undefined) throw new Error('a union has a value of none of its types');
        return read(layout.isDense ? buffers[1].readInt32LE(i * 4) : i);
      };
    }
    case 'runs': {
      const read = arrayReader(children[1], dictionaries);
      return (i) => read(runOf(array, i));
    }
  }
}

/** Map entries have these names whatever the file calls them. */
function pairReader({ children: [keys, values] }: ArrowArray, dictionaries: Dictionaries): ReadValue {
  const key = arrayReader(keys, dictionaries);
  const value = arrayReader(values, dictionaries);
  return (i) => ({ key: key(i), value: value(i) });
}

function fixedReader({ field: { layout, meaning, name }, buffers: [bytes] }: ArrowArray): ReadValue {
  const width = layout.kind === 'fixed' ? layout.width : 0;
  const integer = (i: number): bigint =>
    width === 8 ? bytes.readBigInt64LE(i * 8) : BigInt(bytes.readIntLE(i * width, width));
  switch (meaning.kind) {
    case 'integer':
      if (width === 8)
        return meaning.isSigned
          ? (i) => exactInteger(bytes.readBigInt64LE(i * 8))
          : (i) => exactInteger(bytes.readBigUInt64LE(i * 8));
      return meaning.isSigned ? (i) => bytes.readIntLE(i * width, width) : (i) => bytes.readUIntLE(i * width, width);
    case 'float':
      if (width === 2) return (i) => float16Value(bytes.readUInt16LE(i * 2));
      return width === 4 ? (i) => bytes.readFloatLE(i * 4) : (i) => bytes.readDoubleLE(i * 8);
    case 'decimal':
      return (i) => decimalText(littleEndianInteger(bytes.subarray(i * width, (i + 1) * width)), meaning.scale);
    case 'date':
      return (i) =>
        dateText(meaning.isMilliseconds ? Math.floor(Number(integer(i)) / MILLISECONDS_OF_DAY) : Number(integer(i)));
    case 'time':
      return (i) => timeText(integer(i), meaning.digits);
    case 'timestamp':
      return (i) => timestampText(integer(i), meaning.digits, meaning.isUtc);
    case 'interval':
      return intervalReader(bytes, meaning.unit);
    case 'uuid':
      return (i) => bytes.toString('hex', i * 16, (i + 1) * 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    case 'bytes':
      return (i) => Uint8Array.from(bytes.subarray(i * width, (i + 1) * width));
    default:
      throw new Error(`the column '${name}' has values that are not known`);
  }
}

function intervalReader(bytes: Buffer, unit: 'months' | 'days' | 'nanoseconds'): ReadValue {
  if (unit === 'months') return (i) => ({ months: bytes.readInt32LE(i * 4) });
  if (unit === 'days') return (i) => ({ days: bytes.readInt32LE(i * 8), milliseconds: bytes.readInt32LE(i * 8 + 4) });
  return (i) => ({
    months: bytes.readInt32LE(i * 16),
    days: bytes.readInt32LE(i * 16 + 4),
    nanoseconds: exactInteger(bytes.readBigInt64LE(i * 16 + 8)),
  });
}

function littleEndianInteger(bytes: Buffer): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return BigInt.asIntN(bytes.length * 8, value);
}
