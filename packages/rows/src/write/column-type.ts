import { CoresetError } from '@coreset/core';
import { describeValue } from '../fields/value-text.js';
import type { Row } from '../row.js';
import { type KeptRows, requireColumns } from './kept-rows.js';
import { requireWholeText } from './whole-text.js';

/** The type of a column, widened by each value of it. */
export type ColumnType =
  | { kind: 'unknown' | 'boolean' | 'double' | 'text' | 'bytes' }
  | { kind: 'integer' /** Whether all are exact as a double. */; safe: boolean }
  | { kind: 'list'; item: ColumnType }
  | { kind: 'struct'; fields: Map<string, ColumnType> };

/** Where a value is, for messages. */
interface Place {
  row(): string;
  field: string;
}

const LARGEST = 2n ** 63n;

/**
 * Find the types of columns from all kept rows: boolean, integer of 64 bits, double, text, bytes, lists and structs of
 * these. Integers and doubles in one column become doubles.
 * @throws CoresetError naming row and field when a column has values of different types or no name, or a value is none
 *   that a column can hold
 */
export async function columnTypes(kept: KeptRows): Promise<Map<string, ColumnType>> {
  const types = new Map<string, ColumnType>(kept.fields.map((field) => [field, { kind: 'unknown' }]));
  for await (const { rows, numbers } of kept.batches()) {
    rows.forEach((row, i) => {
      widenStruct(types, row, (field) => ({ row: () => kept.place(numbers[i]), field }), kept.open);
    });
  }
  requireColumns(types.size);
  return types;
}

function widenStruct(
  types: Map<string, ColumnType>,
  values: Row,
  placeOf: (field: string) => Place,
  open: boolean,
): void {
  for (const key of open ? Object.keys(values) : types.keys()) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    const type = types.get(key);
    if (key === '') throw unfit(placeOf(key), 'has no name, which polars and others need');
    const wider = widen(type ?? { kind: 'unknown' }, value, placeOf(key));
    if (wider !== type) types.set(key, wider);
  }
}

function widen(type: ColumnType, value: unknown, place: Place): ColumnType {
  if (value === null || value === undefined) return type;
  const own = typeOf(value, place);
  if (own.kind === 'text') requireWholeText(value as string, place.field, place.row);
  const both = type.kind === 'unknown' ? own : merged(type, own, place);
  if (both.kind === 'list') {
    for (const item of value as unknown[]) both.item = widen(both.item, item, place);
  } else if (both.kind === 'struct') {
    const nested = (key: string): Place => ({ row: place.row, field: `${place.field}.${key}` });
    widenStruct(both.fields, value as Row, nested, true);
    if (both.fields.size === 0) throw unfit(place, 'is an object without keys, which no column can hold');
  }
  return both;
}

function typeOf(value: unknown, place: Place): ColumnType {
  switch (typeof value) {
    case 'string':
      return TEXT;
    case 'boolean':
      return BOOLEAN;
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? SAFE_INTEGER : DOUBLE;
    case 'bigint':
      if (value >= LARGEST || value < -LARGEST) throw unfit(place, 'is an integer of more than 64 bits');
      return Number.isSafeInteger(Number(value)) ? SAFE_INTEGER : INTEGER;
  }
  if (value instanceof Uint8Array) return BYTES;
  return Array.isArray(value) ? { kind: 'list', item: UNKNOWN } : { kind: 'struct', fields: new Map() };
}

const UNKNOWN: ColumnType = { kind: 'unknown' };
const TEXT: ColumnType = { kind: 'text' };
const BOOLEAN: ColumnType = { kind: 'boolean' };
const DOUBLE: ColumnType = { kind: 'double' };
const BYTES: ColumnType = { kind: 'bytes' };
const INTEGER: ColumnType = { kind: 'integer', safe: false };
const SAFE_INTEGER: ColumnType = { kind: 'integer', safe: true };

/** A type that holds both. */
function merged(type: ColumnType, own: ColumnType, place: Place): ColumnType {
  if (type.kind === 'integer' && own.kind === 'integer') return type.safe ? own : type;
  if (type.kind === own.kind) return type;
  const [integer, other] = type.kind === 'integer' ? [type, own] : [own, type];
  if (integer.kind === 'integer' && integer.safe && other.kind === 'double') return other;
  throw unfit(place, `is ${NAMES[own.kind]}, in a row before it is ${NAMES[type.kind]}; a column has one type`);
}

const NAMES: Record<ColumnType['kind'], string> = {
  unknown: describeValue(null),
  boolean: 'a boolean',
  integer: 'an integer',
  double: 'a number with a fraction',
  text: 'a text',
  bytes: 'bytes',
  list: 'a list',
  struct: 'an object',
};

function unfit({ row, field }: Place, problem: string): CoresetError {
  return new CoresetError(`${row()}, field '${field}' ${problem}; write .jsonl, which holds any values`);
}

/** A value as its column takes it: integers as bigint, doubles as numbers, null where there is none. */
export function columnValue(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === 'integer') return BigInt(value as number | bigint);
  if (type.kind === 'double') return Number(value);
  if (type.kind === 'list') return (value as unknown[]).map((item) => columnValue(item, type.item));
  if (type.kind !== 'struct') return value;
  // Without a prototype, whose members a writer could take for values.
  const struct: Record<string, unknown> = Object.create(null);
  for (const [key, member] of type.fields)
    struct[key] = columnValue(Object.hasOwn(value, key) ? (value as Row)[key] : undefined, member);
  return struct;
}

/** About how many bytes a value takes. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length + 8;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + weightOf(item), 8);
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, item) => sum + weightOf(item), 8);
}
