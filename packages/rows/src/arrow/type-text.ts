import { Date as ArrowDate } from 'apache-arrow/fb/date';
import { Decimal } from 'apache-arrow/fb/decimal';
import { Duration } from 'apache-arrow/fb/duration';
import type { Field } from 'apache-arrow/fb/field';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { FixedSizeList } from 'apache-arrow/fb/fixed-size-list';
import { FloatingPoint } from 'apache-arrow/fb/floating-point';
import { Int } from 'apache-arrow/fb/int';
import { Interval } from 'apache-arrow/fb/interval';
import { Map as ArrowMap } from 'apache-arrow/fb/map';
import { Time } from 'apache-arrow/fb/time';
import { Timestamp } from 'apache-arrow/fb/timestamp';
import { Type } from 'apache-arrow/fb/type';
import { Union } from 'apache-arrow/fb/union';

const UNITS = ['s', 'ms', 'us', 'ns'];

/** A field's type in words, as Arrow names them, with everything that values of another type would differ in. */
export function typeText(field: Field): string {
  const values = `${valuesText(field)}${extension(field)}`;
  const dictionary = field.dictionary();
  const index = dictionary?.indexType();
  const type =
    dictionary === null
      ? values
      : `dictionary<${values}, ${index ? integerText(index) : 'int32'}${dictionary.isOrdered() ? ', ordered' : ''}>`;
  return field.nullable() ? type : `${type} not null`;
}

function valuesText(field: Field): string {
  const children = Array.from({ length: field.childrenLength() }, (_, i) => field.children(i) as Field);
  const of = (name: string): string => `${name}<${children.map(memberText).join(', ')}>`;
  const items = (name: string): string => `${name}<${children.map(typeText).join(', ')}>`;
  switch (field.typeType()) {
    case Type.Int:
      return integerText(field.type(new Int()) as Int);
    case Type.FloatingPoint:
      return `float${16 << (field.type(new FloatingPoint()) as FloatingPoint).precision()}`;
    case Type.Decimal: {
      const type = field.type(new Decimal()) as Decimal;
      return `decimal${type.bitWidth()}(${type.precision()}, ${type.scale()})`;
    }
    case Type.Date:
      return (field.type(new ArrowDate()) as ArrowDate).unit() === 1 ? 'date64' : 'date32';
    case Type.Time: {
      const type = field.type(new Time()) as Time;
      return `time${type.bitWidth()}[${UNITS[type.unit()]}]`;
    }
    case Type.Timestamp: {
      const type = field.type(new Timestamp()) as Timestamp;
      return `timestamp[${UNITS[type.unit()]}${type.timezone() ? `, ${type.timezone()}` : ''}]`;
    }
    case Type.Duration:
      return `duration[${UNITS[(field.type(new Duration()) as Duration).unit()]}]`;
    case Type.Interval:
      return `interval[${(field.type(new Interval()) as Interval).unit()}]`;
    case Type.FixedSizeBinary:
      return `binary[${(field.type(new FixedSizeBinary()) as FixedSizeBinary).byteWidth()}]`;
    case Type.FixedSizeList:
      return `${items('list')}[${(field.type(new FixedSizeList()) as FixedSizeList).listSize()}]`;
    case Type.List:
    case Type.LargeList:
    case Type.ListView:
    case Type.LargeListView:
      return items(NAMES[field.typeType()] as string);
    case Type.Map:
      return `${of('map')}${(field.type(new ArrowMap()) as ArrowMap).keysSorted() ? ' sorted' : ''}`;
    case Type.Union: {
      const type = field.type(new Union()) as Union;
      return `${of(type.mode() === 1 ? 'dense_union' : 'sparse_union')}(${[...(type.typeIdsArray() ?? [])].join()})`;
    }
    default: {
      const name = NAMES[field.typeType()] ?? `type ${field.typeType()}`;
      return children.length > 0 ? of(name) : name;
    }
  }
}

const NAMES: Partial<Record<Type, string>> = {
  [Type.Null]: 'null',
  [Type.Bool]: 'bool',
  [Type.Binary]: 'binary',
  [Type.LargeBinary]: 'large_binary',
  [Type.BinaryView]: 'binary_view',
  [Type.Utf8]: 'string',
  [Type.LargeUtf8]: 'large_string',
  [Type.Utf8View]: 'string_view',
  [Type.List]: 'list',
  [Type.LargeList]: 'large_list',
  [Type.ListView]: 'list_view',
  [Type.LargeListView]: 'large_list_view',
  [Type.Struct_]: 'struct',
  [Type.RunEndEncoded]: 'run_end_encoded',
};

function integerText(type: Int): string {
  return `${type.isSigned() ? '' : 'u'}int${type.bitWidth()}`;
}

function memberText(field: Field): string {
  return `${field.name() ?? ''}: ${typeText(field)}`;
}

function extension(field: Field): string {
  for (let i = 0; i < field.customMetadataLength(); i++) {
    const pair = field.customMetadata(i);
    if (pair?.key() === 'ARROW:extension:name') return ` (${pair.value()})`;
  }
  return '';
}
