/**
 * Thrift's compact protocol, as far as Parquet uses it. Every field also keeps the bytes it was read from, so that what
 * need not change is written back as it was.
 */

/** The types of the compact protocol. */
export const THRIFT = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 };
const SET = 10;

/** A number below 2^53, bytes, a list of values, or the fields of a struct. */
export type ThriftValue = number | boolean | Uint8Array | ThriftValue[] | ThriftStruct;

/** A field of a struct: its type, its value, and the bytes of the value. */
export interface ThriftField {
  type: number;
  value: ThriftValue;
  raw: Uint8Array;
}

/** The fields of a struct by their numbers, in the order of the file. */
export class ThriftStruct {
  readonly fields: Map<number, ThriftField> = new Map();
  /** The bytes of the whole struct. */
  raw: Uint8Array = new Uint8Array(0);

  number(id: number): number | undefined {
    return this.typed(id, 'number') as number | undefined;
  }

  boolean(id: number): boolean | undefined {
    return this.typed(id, 'boolean') as boolean | undefined;
  }

  bytes(id: number): Uint8Array | undefined {
    return this.instance(id, Uint8Array);
  }

  text(id: number): string | undefined {
    const bytes = this.bytes(id);
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  struct(id: number): ThriftStruct | undefined {
    return this.instance(id, ThriftStruct);
  }

  /** The structs of a list of structs; none when the field is absent. */
  structs(id: number): ThriftStruct[] {
    return this.list(id).map((value) => {
      if (!(value instanceof ThriftStruct)) throw new Error(`field ${id} of its metadata is not a list of structs`);
      return value;
    });
  }

  list(id: number): ThriftValue[] {
    const value = this.fields.get(id)?.value ?? [];
    if (!Array.isArray(value)) throw new Error(`field ${id} of its metadata is not a list`);
    return value;
  }

  private typed(id: number, type: 'number' | 'boolean'): ThriftValue | undefined {
    const value = this.fields.get(id)?.value;
    if (value !== undefined && typeof value !== type) throw new Error(`field ${id} of its metadata is not a ${type}`);
    return value;
  }

  private instance<T>(id: number, type: abstract new (...args: never[]) => T): T | undefined {
    const value = this.fields.get(id)?.value;
    if (value === undefined) return undefined;
    if (!(value instanceof type)) throw new Error(`field ${id} of its metadata is of another type`);
    return value;
  }
}

const MAX_DEPTH = 64;

/** Reads structs from bytes. Every read past the end throws. */
export class ThriftReader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number = 0,
  ) {}

  struct(depth: number = 0): ThriftStruct {
    if (depth > MAX_DEPTH) throw new Error('its metadata is nested too deeply');
    const struct = new ThriftStruct();
    const begin = this.at;
    let id = 0;
    for (;;) {
      const head = this.byte();
      const type = head & 15;
      if (type === 0) break;
      id = head >> 4 ? id + (head >> 4) : this.zigZag();
      const start = this.at;
      const value = this.value(type, depth);
      struct.fields.set(id, { type, value, raw: this.bytes.subarray(start, this.at) });
    }
    struct.raw = this.bytes.subarray(begin, this.at);
    return struct;
  }

  private value(type: number, depth: number): ThriftValue {
    switch (type) {
      case THRIFT.true:
        return true;
      case THRIFT.false:
        return false;
      case THRIFT.byte:
        return (this.byte() << 24) >> 24;
      case THRIFT.i16:
      case THRIFT.i32:
      case THRIFT.i64:
        return this.zigZag();
      case THRIFT.double:
        return new DataView(this.take(8).slice().buffer).getFloat64(0, true);
      case THRIFT.binary:
        return this.take(this.varint());
      case THRIFT.list:
      case SET:
        return this.list(depth);
      case THRIFT.struct:
        return this.struct(depth + 1);
      default:
        throw new Error(`its metadata holds a field of the unknown type ${type}`);
    }
  }

  private list(depth: number): ThriftValue[] {
    const head = this.byte();
    const count = head >> 4 === 15 ? this.varint() : head >> 4;
    const type = head & 15;
    // An element takes a byte at least: more than there are bytes left is damage, and must not be reserved.
    if (count > this.bytes.length - this.at) throw new Error('its metadata holds a list longer than the file');
    const isBoolean = type === THRIFT.true || type === THRIFT.false;
    const values: ThriftValue[] = [];
    for (let i = 0; i < count; i++) values.push(isBoolean ? this.byte() === 1 : this.value(type, depth + 1));
    return values;
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw new Error('its metadata is cut short');
    return this.bytes[this.at++];
  }

  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new Error('its metadata is cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new Error('its metadata holds a number without an end');
  }

  /** Above 2^53 only the size is right, which suffices: such sizes and offsets are refused. */
  private zigZag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A field to be written: its number, its type and its value, or its bytes as they were. */
export type OutField = [id: number, type: number, value: OutValue];
export type OutValue = number | boolean | Uint8Array | OutField[] | { raw: Uint8Array } | OutList;

/** A list to be written; its elements share a type. */
export interface OutList {
  elementType: number;
  elements: OutValue[];
}

/** The bytes of a struct. */
export function writeThrift(fields: OutField[]): Uint8Array {
  const out: (number | Uint8Array)[] = [];
  writeStruct(out, fields);
  return Buffer.concat(out.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
}

function writeStruct(out: (number | Uint8Array)[], fields: OutField[]): void {
  let last = 0;
  for (const [id, givenType, value] of fields) {
    const type = typeof value === 'boolean' ? (value ? THRIFT.true : THRIFT.false) : givenType;
    if (id - last <= 15) out.push(((id - last) << 4) | type);
    else {
      out.push(type);
      writeVarint(out, id * 2);
    }
    last = id;
    writeValue(out, type, value);
  }
  out.push(0);
}

function writeValue(out: (number | Uint8Array)[], type: number, value: OutValue): void {
  if (typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (type === THRIFT.byte) out.push(value & 255);
    else writeVarint(out, value >= 0 ? value * 2 : -value * 2 - 1);
  } else if (value instanceof Uint8Array) {
    writeVarint(out, value.length);
    out.push(value);
  } else if (Array.isArray(value)) writeStruct(out, value);
  else if ('raw' in value) out.push(value.raw);
  else {
    const { elementType, elements } = value;
    if (elements.length < 15) out.push((elements.length << 4) | elementType);
    else {
      out.push(0xf0 | elementType);
      writeVarint(out, elements.length);
    }
    for (const element of elements) writeValue(out, elementType, element);
  }
}

function writeVarint(out: (number | Uint8Array)[], value: number): void {
  let left = value;
  while (left >= 128) {
    out.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  out.push(left);
}
