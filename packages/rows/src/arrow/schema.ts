import { CoresetError } from '@coreset/core';
import { Date as ArrowDate } from 'apache-arrow/fb/date';
import { Decimal } from 'apache-arrow/fb/decimal';
import type { Field } from 'apache-arrow/fb/field';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Int } from 'apache-arrow/fb/int';
import { Interval } from 'apache-arrow/fb/interval';
import type { Schema } from 'apache-arrow/fb/schema';
import { Time } from 'apache-arrow/fb/time';
import { Timestamp } from 'apache-arrow/fb/timestamp';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';
import type { FractionDigits } from '../values/times.js';
import { typeText } from './type-text.js';

/** How the values of a type lie in buffers. */
export type Layout =
  | { kind: 'none' }
  | { kind: 'bits' }
  | { kind: 'fixed'; width: number }
  /** Bytes or lists between offsets, which have 32 bits or 64. */
  | { kind: 'bytes' | 'list' | 'list-view'; isWide: boolean }
  | { kind: 'views' }
  | { kind: 'fixed-list'; size: number }
  | { kind: 'struct' }
  | { kind: 'union'; isDense: boolean; typeIds: number[] }
  | { kind: 'runs' };

/** What the values of a type mean. */
export type Meaning =
  | { kind: 'null' | 'bool' | 'bytes' | 'text' | 'uuid' | 'list' | 'struct' | 'map' | 'union' | 'runs' }
  | { kind: 'integer'; isSigned: boolean }
  | { kind: 'float' }
  | { kind: 'decimal'; scale: number }
  | { kind: 'date'; isMilliseconds: boolean }
  | { kind: 'time'; digits: FractionDigits }
  | { kind: 'timestamp'; digits: FractionDigits; isUtc: boolean }
  | { kind: 'interval'; unit: 'months' | 'days' | 'nanoseconds' };

/** A field of an Arrow schema. */
export interface ArrowField {
  name: string;
  /** Its type in words; fields of the same words hold the same values. */
  type: string;
  layout: Layout;
  meaning: Meaning;
  children: ArrowField[];
  /** Where the values are entries of a dictionary: its number, and the field that it holds. */
  dictionary?: { id: number; isOrdered: boolean; values: ArrowField };
}

/**
 * The fields of a schema.
 * @throws CoresetError when its numbers have the highest byte first
 * @throws Error when a type is not known
 */
export function readFields(schema: Schema, name: string): ArrowField[] {
  if (schema.endianness() !== 0)
    throw new CoresetError(
      `${name}: the Arrow file has its highest byte first, which cannot be read; write it on another machine`,
    );
  return Array.from({ length: schema.fieldsLength() }, (_, i) => readField(schema.fields(i) as Field));
}

function readField(field: Field): ArrowField {
  const children = Array.from({ length: field.childrenLength() }, (_, i) => readField(field.children(i) as Field));
  const values: ArrowField = { name: field.name() ?? '', type: typeText(field), children, ...readType(field) };
  const dictionary = field.dictionary();
  if (dictionary === null) return values;
  const index = dictionary.indexType();
  return {
    name: values.name,
    type: values.type,
    layout: { kind: 'fixed', width: (index?.bitWidth() ?? 32) / 8 },
    meaning: { kind: 'integer', isSigned: index?.isSigned() ?? true },
    children: [],
    dictionary: { id: Number(dictionary.id()), isOrdered: dictionary.isOrdered(), values },
  };
}

const DIGITS = [0, 3, 6, 9] as const;

function readType(field: Field): { layout: Layout; meaning: Meaning } {
  const fixed = (bits: number, meaning: Meaning): { layout: Layout; meaning: Meaning } => ({
    layout: { kind: 'fixed', width: bits / 8 },
    meaning,
  });
  const between = (kind: 'bytes' | 'list' | 'list-view', isWide: boolean, meaning: Meaning['kind']) => ({
    layout: { kind, isWide } as Layout,
    meaning: { kind: meaning } as Meaning,
  });
  switch (field.typeType()) {
    case Type.Null:
      return { layout: { kind: 'none' }, meaning: { kind: 'null' } };
    case Type.Bool:
      return { layout: { kind: 'bits' }, meaning: { kind: 'bool' } };
    case Type.Int: {
      const type = field.type(new Int()) as Int;
      return fixed(type.bitWidth(), { kind: 'integer', isSigned: type.isSigned() });
    }
    case Type.FloatingPoint:
      return fixed(16 << (field.type(new FloatingPoint()) as FloatingPoint).precision(), { kind: 'float' });
    case Type.Decimal: {
      const type = field.type(new Decimal()) as Decimal;
      return fixed(type.bitWidth(), { kind: 'decimal', scale: type.scale() });
    }
    case Type.Date: {
      const isMilliseconds = (field.type(new ArrowDate()) as ArrowDate).unit() === 1;
      return fixed(isMilliseconds ? 64 : 32, { kind: 'date', isMilliseconds });
    }
    case Type.Time: {
      const type = field.type(new Time()) as Time;
      return fixed(type.bitWidth(), { kind: 'time', digits: DIGITS[type.unit()] });
    }
    case Type.Timestamp: {
      const type = field.type(new Timestamp()) as Timestamp;
      return fixed(64, { kind: 'timestamp', digits: DIGITS[type.unit()], isUtc: (type.timezone() ?? '') !== '' });
    }
    case Type.Duration:
      return fixed(64, { kind: 'integer', isSigned: true });
    case Type.Interval: {
      const unit = (field.type(new Interval()) as Interval).unit();
      return fixed([32, 64, 128][unit], { kind: 'interval', unit: (['months', 'days', 'nanoseconds'] as const)[unit] });
    }
    case Type.FixedSizeBinary: {
      const width = (field.type(new FixedSizeBinary()) as FixedSizeBinary).byteWidth();
      return fixed(width * 8, { kind: extensionName(field) === 'arrow.uuid' && width === 16 ? 'uuid' : 'bytes' });
    }
    case Type.Binary:
      return between('bytes', false, 'bytes');
    case Type.LargeBinary:
      return between('bytes', true, 'bytes');
    case Type.Utf8:
      return between('bytes', false, 'text');
    case Type.LargeUtf8:
      return between('bytes', true, 'text');
    case Type.BinaryView:
      return { layout: { kind: 'views' }, meaning: { kind: 'bytes' } };
    case Type.Utf8View:
      return { layout: { kind: 'views' }, meaning: { kind: 'text' } };
    case Type.List:
      return between('list', false, 'list');
    case Type.LargeList:
      return between('list', true, 'list');
    case Type.ListView:
      return between('list-view', false, 'list');
    case Type.LargeListView:
      return between('list-view', true, 'list');
    case Type.Map:
      return between('list', false, 'map');
    case Type.FixedSizeList: {
      const size = (field.type(new FixedSizeList()) as FixedSizeList).listSize();
      return { layout: { kind: 'fixed-list', size }, meaning: { kind: 'list' } };
    }
    case Type.Struct_:
      return { layout: { kind: 'struct' }, meaning: { kind: 'struct' } };
    case Type.Union: {
      const type = field.type(new Union()) as Union;
      const typeIds = [...(type.typeIdsArray() ?? Array.from({ length: field.childrenLength() }).keys())];
      return { layout: { kind: 'union', isDense: type.mode() === 1, typeIds }, meaning: { kind: 'union' } };
    }
    case Type.RunEndEncoded:
      return { layout: { kind: 'runs' }, meaning: { kind: 'runs' } };
    default:
      throw new Error(`the column '${field.name()}' has the type number ${field.typeType()}, which is not known`);
  }
}

function extensionName(field: Field): string | null | undefined {
  for (let i = 0; i < field.customMetadataLength(); i++) {
    const pair = field.customMetadata(i);
    if (pair?.key() === 'ARROW:extension:name') return pair.value();
  }
  return undefined;
}
