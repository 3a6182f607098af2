import type { ThriftStruct } from './thrift.js';

/** Physical types by their numbers in parquet.thrift. */
export const PHYSICAL = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  byteArray: 6,
  fixedLengthByteArray: 7,
} as const;

const REQUIRED = 0;
const OPTIONAL = 1;
const REPEATED = 2;
const CONVERTED_MAP = 1;
const CONVERTED_MAP_KEY_VALUE = 2;
const CONVERTED_LIST = 3;
const LOGICAL_MAP = 2;
const LOGICAL_LIST = 3;
const MAX_LEVEL = 255;

/** An element of the schema with the levels at which it is there. */
export interface SchemaNode {
  name: string;
  element: ThriftStruct;
  repetition: 'required' | 'optional' | 'repeated';
  /** How many of the elements down to this one repeat. */
  repetitionLevel: number;
  /** How many of the elements down to this one may be absent. */
  definitionLevel: number;
  /** How its children are read: as a struct, as the items of a list, as the pairs of a map. */
  shape: 'leaf' | 'struct' | 'list' | 'map';
  children: SchemaNode[];
  /** The numbers of its first leaf and of the one after its last. */
  leaves: [number, number];
}

/** A leaf of the schema: what a column chunk holds. */
export interface Leaf extends SchemaNode {
  physical: number;
  /** Bytes of a value; 0: of varying length. */
  width: number;
  /** Names down to the leaf. */
  path: string[];
}

export interface Schema {
  columns: SchemaNode[];
  leaves: Leaf[];
}

/**
 * The tree of a flattened schema.
 * @throws Error when it is not a tree or a leaf has no known type
 */
export function readSchema(elements: ThriftStruct[]): Schema {
  const leaves: Leaf[] = [];
  let at = 0;
  const next = (parent: SchemaNode | undefined, path: string[]): SchemaNode => {
    const element = elements[at++];
    if (element === undefined) throw new Error('its schema is cut short');
    const name = element.text(4) ?? '';
    const repetition = parent === undefined ? REQUIRED : (element.number(3) ?? REQUIRED);
    const node: SchemaNode = {
      name,
      element,
      repetition: repetition === OPTIONAL ? 'optional' : repetition === REPEATED ? 'repeated' : 'required',
      repetitionLevel: (parent?.repetitionLevel ?? 0) + (repetition === REPEATED ? 1 : 0),
      definitionLevel: (parent?.definitionLevel ?? 0) + (repetition === REQUIRED ? 0 : 1),
      shape: 'leaf',
      children: [],
      leaves: [leaves.length, leaves.length + 1],
    };
    if (node.definitionLevel > MAX_LEVEL) throw new Error('its schema is nested too deeply');
    const namesDown = parent === undefined ? [] : [...path, name];
    const childCount = element.number(5) ?? 0;
    if (element.number(1) === undefined) {
      for (let i = 0; i < childCount; i++) node.children.push(next(node, namesDown));
      node.shape = shapeOf(node);
      node.leaves[1] = leaves.length;
    } else leaves.push(asLeaf(node, namesDown));
    return node;
  };
  const root = next(undefined, []);
  if (at !== elements.length) throw new Error('its schema is not a tree');
  return { columns: root.children, leaves };
}

function asLeaf(node: SchemaNode, path: string[]): Leaf {
  const physical = node.element.number(1) ?? -1;
  const widths = [1, 4, 8, 12, 4, 8, 0, node.element.number(2) ?? -1];
  const width = widths[physical] ?? -1;
  if (width < 0) throw new Error(`its column '${path.join('.')}' has an unknown type`);
  return Object.assign(node, { physical, width, path });
}

function shapeOf(node: SchemaNode): 'struct' | 'list' | 'map' {
  const converted = node.element.number(6);
  const logical = logicalType(node)?.id;
  const [only, ...others] = node.children;
  if (only === undefined || others.length > 0 || only.repetition !== 'repeated') return 'struct';
  if (converted === CONVERTED_LIST || logical === LOGICAL_LIST) return 'list';
  const isMap = converted === CONVERTED_MAP || converted === CONVERTED_MAP_KEY_VALUE || logical === LOGICAL_MAP;
  return isMap && only.children.length > 0 && only.children.length <= 2 ? 'map' : 'struct';
}

/**
 * The element of a list: in the usual form the only child of the repeated group, in that of older writers the
 * repeated element itself.
 */
export function listElement(list: SchemaNode): { repeated: SchemaNode; element: SchemaNode } {
  const repeated = list.children[0];
  const isElement =
    repeated.children.length !== 1 || repeated.name === 'array' || repeated.name === `${list.name}_tuple`;
  return { repeated, element: isElement ? repeated : repeated.children[0] };
}

/** The logical type of an element: which member of the union it is, and the member's own fields. */
export function logicalType(node: SchemaNode): { id: number; fields: ThriftStruct } | undefined {
  for (const [id, { value }] of node.element.struct(10)?.fields ?? []) return { id, fields: value as ThriftStruct };
  return undefined;
}

/** The first leaf or group in which two schemas differ, or undefined where they are the same. */
export function firstDifference(a: ThriftStruct[], b: ThriftStruct[]): string | undefined {
  const describe = (element: ThriftStruct): string =>
    [1, 2, 3, 4, 5, 6, 7, 8, 10].map((id) => Buffer.from(element.fields.get(id)?.raw ?? []).toString('hex')).join();
  for (let i = 1; i < Math.max(a.length, b.length); i++) {
    if (!a[i] || !b[i] || describe(a[i]) !== describe(b[i])) return topLevelName(a[i] ? a : b, i);
  }
  return undefined;
}

function topLevelName(elements: ThriftStruct[], at: number): string {
  let column = 1;
  while (column < elements.length) {
    let end = column + 1;
    for (let left = elements[column].number(5) ?? 0; left > 0; left--) left += elements[end++]?.number(5) ?? 0;
    if (at < end) break;
    column = end;
  }
  return elements[column]?.text(4) ?? '';
}
