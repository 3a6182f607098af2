import { CoresetError } from '@coreset/core';
import { type ArrowArray, isValid, range, readArrays } from './arrays.js';
import { concatArrays } from './concat.js';
import { type Batch, type OpenArrow, readBatches } from './messages.js';
import type { ArrowField } from './schema.js';
import { takeValues } from './take.js';

/** A dictionary of the file written. */
interface JoinedDictionary {
  field: ArrowField;
  pieces: ArrowArray[];
  length: number;
  /** The place of each entry, by its bytes. */
  places: Map<string, number>;
  /** How many entries it had after the first file, where they have an order. */
  ordered?: number;
}

/** For each dictionary of a file read: where its entries stand in that of the file written. */
export type Places = Map<number, Uint32Array>;

/**
 * The dictionaries of several files as one each. A file, unlike a stream, has but one dictionary for a column: here it has
 * the entries of the first file, then those of the others that it lacks.
 */
export class JoinedDictionaries {
  private readonly joined: Map<number, JoinedDictionary> = new Map();

  private constructor(private readonly first: OpenArrow) {
    for (const [id, field] of dictionaryFields(first.fields))
      this.joined.set(id, { field, pieces: [], length: 0, places: new Map() });
  }

  /**
   * Read all dictionaries of the files, whose columns are the same.
   * @throws CoresetError when one would have more entries than its column can number, or its entries have an order
   */
  static async read(files: OpenArrow[]): Promise<JoinedDictionaries> {
    const found = new JoinedDictionaries(files[0]);
    if (found.joined.size === 0) return found;
    for (const file of files) {
      const places: Places = new Map();
      for await (const batch of readBatches(file)) await found.follow(file, batch, places, true);
      await file.source.close();
      for (const [id, own] of places) found.requireOrder(found.joinedOf(file, id), own, file);
    }
    return found;
  }

  /** Each dictionary to be written, those that others refer to first. */
  entries(): { id: number; entries: ArrowArray }[] {
    return [...this.joined]
      .filter(([, { pieces }]) => pieces.length > 0)
      .map(([id, { pieces }]) => ({ id, entries: concatArrays(pieces) }));
  }

  /** Note where the entries of a file's dictionary stand, when this batch is one. */
  async follow(file: OpenArrow, batch: Batch, places: Places, isNew = false): Promise<void> {
    if (batch.dictionary === undefined) return;
    const { id, isDelta } = batch.dictionary;
    const field = dictionaryFields(file.fields).get(id);
    if (field === undefined) return;
    const joined = this.joinedOf(file, id);
    const [read] = await readArrays(file.source, batch, [field], () => true);
    const values = this.renumbered(read, places);
    const before = isDelta ? (places.get(id) ?? new Uint32Array(0)) : new Uint32Array(0);
    const own = isNew ? this.add(joined, values) : find(joined, values);
    this.requireRoom(joined, file);
    const all = new Uint32Array(before.length + own.length);
    all.set(before);
    all.set(own, before.length);
    places.set(id, all);
  }

  /** The array with the numbers that entries have in the file written. */
  renumbered(array: ArrowArray, places: Places): ArrowArray {
    const { field } = array;
    if (field.dictionary === undefined) {
      if (array.children.length === 0) return array;
      return { ...array, children: array.children.map((child) => this.renumbered(child, places)) };
    }
    const own = places.get(field.dictionary.id);
    if (own !== undefined && isInPlace(own)) return array;
    const width = field.layout.kind === 'fixed' ? field.layout.width : 4;
    const indices = Buffer.alloc(array.length * width);
    for (let i = 0; i < array.length; i++) {
      if (!isValid(array, i)) continue;
      const place = own?.[readIndex(array.buffers[0], i, width)];
      if (place === undefined)
        throw new Error(`the column '${field.name}' points to entries that its dictionary lacks`);
      if (width === 8) indices.writeBigInt64LE(BigInt(place), i * 8);
      else indices.writeUIntLE(place, i * width, width);
    }
    return { ...array, buffers: [indices] };
  }

  private joinedOf(file: OpenArrow, id: number): JoinedDictionary {
    return this.joined.get(idInFirst(this.first, file, id)) as JoinedDictionary;
  }

  /** Where entries stand, after those that are not there yet were added. */
  private add(joined: JoinedDictionary, values: ArrowArray): Uint32Array {
    const added: number[] = [];
    const own = Uint32Array.from({ length: values.length }, (_, i) => {
      const key = keyOf(values, i);
      const place = joined.places.get(key) ?? joined.length;
      if (place === joined.length) {
        joined.places.set(key, joined.length++);
        added.push(i);
      }
      return place;
    });
    if (added.length > 0 || joined.pieces.length === 0) joined.pieces.push(takeValues(values, Uint32Array.from(added)));
    return own;
  }

  private requireRoom({ field, length }: JoinedDictionary, file: OpenArrow): void {
    for (const { name, layout, meaning } of columnsOf(this.first.fields, field)) {
      const bits = layout.kind === 'fixed' ? layout.width * 8 : 32;
      const isSigned = meaning.kind === 'integer' && meaning.isSigned;
      if (length > 2 ** (isSigned ? bits - 1 : bits))
        throw new CoresetError(
          `${file.source.name} and ${this.first.source.name} have together more categories in '${name}' than its numbers of ${bits} bits can tell apart; write each to its own file with --out DIR/`,
        );
    }
  }

  /** Categories that have an order keep it only where all files have the same. */
  private requireOrder(joined: JoinedDictionary, places: Uint32Array, file: OpenArrow): void {
    const ordered = columnsOf(this.first.fields, joined.field).find(({ dictionary }) => dictionary?.isOrdered);
    if (ordered === undefined) return;
    joined.ordered ??= joined.length;
    if (joined.length !== joined.ordered || places.length !== joined.ordered || !isInPlace(places))
      throw new CoresetError(
        `${file.source.name} and ${this.first.source.name} order the categories of '${ordered.name}' differently; write each to its own file with --out DIR/`,
      );
  }
}

function isInPlace(places: Uint32Array | undefined): boolean {
  return places?.every((place, i) => place === i) ?? true;
}

function find({ places }: JoinedDictionary, values: ArrowArray): Uint32Array {
  return Uint32Array.from({ length: values.length }, (_, i) => places.get(keyOf(values, i)) as number);
}

/** Which columns share a dictionary, as text. */
export function sharedDictionaries(fields: ArrowField[]): string {
  const ids = (of: ArrowField[]): number[] =>
    of.flatMap(({ dictionary, children }) => [
      ...(dictionary ? [dictionary.id, ...ids(dictionary.values.children)] : []),
      ...ids(children),
    ]);
  const all = ids(fields);
  return all.map((id) => all.indexOf(id)).join();
}

/** Whether all entries of a file's dictionaries have the numbers that they have in the file written. */
export function areInPlace(places: Places): boolean {
  return [...places.values()].every(isInPlace);
}

/** The fields of the entries of all dictionaries, by number; those that others refer to first. */
export function dictionaryFields(
  fields: ArrowField[],
  found: Map<number, ArrowField> = new Map(),
): Map<number, ArrowField> {
  for (const { dictionary, children } of fields) {
    if (dictionary !== undefined) {
      dictionaryFields(dictionary.values.children, found);
      found.set(dictionary.id, dictionary.values);
    }
    dictionaryFields(children, found);
  }
  return found;
}

/** The number that a dictionary has in the first file: that of the column in the same place. */
export function idInFirst(first: OpenArrow, file: OpenArrow, id: number): number {
  if (file === first) return id;
  const at = [...dictionaryFields(file.fields).keys()].indexOf(id);
  return [...dictionaryFields(first.fields).keys()][at];
}

function columnsOf(fields: ArrowField[], values: ArrowField): ArrowField[] {
  return fields.flatMap((field) => [
    ...(field.dictionary?.values === values ? [field] : []),
    ...columnsOf([...field.children, ...(field.dictionary?.values.children ?? [])], values),
  ]);
}

function readIndex(bytes: Buffer, i: number, width: number): number {
  return width === 8 ? Number(bytes.readBigInt64LE(i * 8)) : bytes.readUIntLE(i * width, width);
}

/** The bytes of an entry, as text. */
function keyOf(array: ArrowArray, i: number): string {
  if (array.field.layout.kind === 'bytes' && isValid(array, i)) {
    const [start, end] = range(array, i);
    return `=${array.buffers[1].toString('latin1', start, end)}`;
  }
  return isValid(array, i) ? bytesOf(takeValues(array, Uint32Array.of(i))) : 'null';
}

function bytesOf({ validity, buffers, children }: ArrowArray): string {
  return [...[validity, ...buffers].map((bytes) => bytes.toString('hex')), ...children.map(bytesOf)].join(',');
}
