import { bigEndianInteger, decimalText, exactInteger, float16Value } from '../values/numbers.js';
import { utf8Text } from '../values/text.js';
import { dateText, type FractionDigits, timestampText, timeText } from '../values/times.js';
import { type Leaf, logicalType, PHYSICAL } from './schema.js';
import { type Values, valueBytes } from './values.js';

/** The value of entry `i`, as rows have it. */
type ReadValue = (values: Values, i: number) => unknown;

const CONVERTED = {
  utf8: 0,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMillis: 7,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  uint8: 11,
  uint64: 14,
  json: 19,
  interval: 21,
};
const LOGICAL = {
  string: 1,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
  json: 12,
  uuid: 14,
  float16: 15,
};
const JULIAN_DAY_OF_1970 = 2_440_588n;
const NANOSECONDS_OF_DAY = 86_400_000_000_000n;

/** How the values of a leaf are read: by its logical type, else its older converted type, else as they are stored. */
export function leafReader(leaf: Leaf): ReadValue {
  const { physical } = leaf;
  const decimal = decimalScale(leaf);
  if (physical === PHYSICAL.boolean) return ({ bytes }, i) => bytes[i] === 1;
  if (physical === PHYSICAL.float) return ({ bytes }, i) => bytes.readFloatLE(i * 4);
  if (physical === PHYSICAL.double) return ({ bytes }, i) => bytes.readDoubleLE(i * 8);
  if (physical === PHYSICAL.int96)
    return ({ bytes }, i) => {
      const days = BigInt(bytes.readUInt32LE(i * 12 + 8)) - JULIAN_DAY_OF_1970;
      return timestampText(days * NANOSECONDS_OF_DAY + bytes.readBigUInt64LE(i * 12), 9, false);
    };
  if (physical === PHYSICAL.int32) return int32Reader(leaf, decimal);
  if (physical === PHYSICAL.int64) return int64Reader(leaf, decimal);
  if (decimal !== undefined) return (values, i) => decimalText(bigEndianInteger(valueBytes(values, i)), decimal);
  return physical === PHYSICAL.byteArray ? textReader(leaf) : fixedReader(leaf);
}

/** The digits behind the point where the leaf is a decimal. */
function decimalScale(leaf: Leaf): number | undefined {
  const logical = logicalType(leaf);
  if (logical?.id === LOGICAL.decimal) return logical.fields.number(1) ?? 0;
  return leaf.element.number(6) === CONVERTED.decimal ? (leaf.element.number(7) ?? 0) : undefined;
}

/** The unit of a time or timestamp and whether it is in UTC. */
function timeUnit(leaf: Leaf): { digits: FractionDigits; isUtc: boolean } {
  const fields = logicalType(leaf)?.fields;
  const [unit] = fields?.struct(2)?.fields.keys() ?? [];
  const digits = ([0, 3, 6, 9] as const)[unit ?? 0];
  if (unit !== undefined && digits !== undefined) return { digits, isUtc: fields?.boolean(1) ?? false };
  const converted = leaf.element.number(6);
  const isMillis = converted === CONVERTED.timeMillis || converted === CONVERTED.timestampMillis;
  return { digits: isMillis ? 3 : 6, isUtc: true };
}

function isUnsigned(leaf: Leaf): boolean {
  const logical = logicalType(leaf);
  if (logical?.id === LOGICAL.integer) return logical.fields.boolean(2) === false;
  const converted = leaf.element.number(6) ?? -1;
  return converted >= CONVERTED.uint8 && converted <= CONVERTED.uint64;
}

function int32Reader(leaf: Leaf, decimal: number | undefined): ReadValue {
  const logical = logicalType(leaf)?.id;
  const converted = leaf.element.number(6);
  if (decimal !== undefined) return ({ bytes }, i) => decimalText(BigInt(bytes.readInt32LE(i * 4)), decimal);
  if (logical === LOGICAL.date || converted === CONVERTED.date)
    return ({ bytes }, i) => dateText(bytes.readInt32LE(i * 4));
  if (logical === LOGICAL.time || converted === CONVERTED.timeMillis) {
    const { digits } = timeUnit(leaf);
    return ({ bytes }, i) => timeText(BigInt(bytes.readInt32LE(i * 4)), digits);
  }
  return isUnsigned(leaf) ? ({ bytes }, i) => bytes.readUInt32LE(i * 4) : ({ bytes }, i) => bytes.readInt32LE(i * 4);
}

function int64Reader(leaf: Leaf, decimal: number | undefined): ReadValue {
  const logical = logicalType(leaf)?.id;
  const converted = leaf.element.number(6);
  if (decimal !== undefined) return ({ bytes }, i) => decimalText(bytes.readBigInt64LE(i * 8), decimal);
  if (logical === LOGICAL.time || converted === CONVERTED.timeMicros) {
    const { digits } = timeUnit(leaf);
    return ({ bytes }, i) => timeText(bytes.readBigInt64LE(i * 8), digits);
  }
  const isTimestamp = converted === CONVERTED.timestampMillis || converted === CONVERTED.timestampMicros;
  if (logical === LOGICAL.timestamp || isTimestamp) {
    const { digits, isUtc } = timeUnit(leaf);
    return ({ bytes }, i) => timestampText(bytes.readBigInt64LE(i * 8), digits, isUtc);
  }
  return isUnsigned(leaf)
    ? ({ bytes }, i) => exactInteger(bytes.readBigUInt64LE(i * 8))
    : ({ bytes }, i) => exactInteger(bytes.readBigInt64LE(i * 8));
}

function textReader(leaf: Leaf): ReadValue {
  const logical = logicalType(leaf)?.id ?? -1;
  const converted = leaf.element.number(6) ?? -1;
  const isText =
    [LOGICAL.string, LOGICAL.enum, LOGICAL.json].includes(logical) ||
    [CONVERTED.utf8, CONVERTED.enum, CONVERTED.json].includes(converted);
  if (!isText) return copyOf;
  return ({ bytes, starts, ends }, i) => utf8Text(bytes, starts[i], ends[i]);
}

function fixedReader(leaf: Leaf): ReadValue {
  const logical = logicalType(leaf)?.id;
  if (logical === LOGICAL.uuid)
    return (values, i) =>
      valueBytes(values, i)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  if (logical === LOGICAL.float16 && leaf.width === 2) return ({ bytes }, i) => float16Value(bytes.readUInt16LE(i * 2));
  if (leaf.element.number(6) === CONVERTED.interval && leaf.width === 12)
    return ({ bytes }, i) => ({
      months: bytes.readUInt32LE(i * 12),
      days: bytes.readUInt32LE(i * 12 + 4),
      milliseconds: bytes.readUInt32LE(i * 12 + 8),
    });
  return copyOf;
}

function copyOf(values: Values, i: number): Uint8Array {
  return Uint8Array.from(valueBytes(values, i));
}
