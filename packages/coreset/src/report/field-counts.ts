import type { FieldComposition } from '@coreset/report';
import type { Row, RowFile } from '@coreset/rows';
import type { InputRows } from '../results/input-rows.js';

/** Rows from the beginning that show which columns are not worth to be read on. */
const FIRST_ROWS = 2_000;
/** Fields with more values than this tell little in sums. */
const MOST_VALUES = 100;
/** Values that are told apart; the others are counted together. */
const TOLD_VALUES = 49;
const MOST_LENGTH = 60;
const MOST_FIELDS = 12;
/** Fields of which it is open at a time whether they have few values. */
const MOST_OPEN = 128;
const MOST_DEPTH = 3;

/** Columns that may have few values in them, by the first rows: all but those that have too many there, or none that counts. */
export async function columnsToCount(
  file: RowFile,
  { content, idField }: Pick<InputRows, 'content' | 'idField'>,
): Promise<string[]> {
  const isShown = new Set([...content.columns, idField?.root, content.vectorPath?.root]);
  const columns = [...new Set(await file.fields())].filter((name) => !isShown.has(name));
  if (columns.length === 0) return [];
  const counts = new FieldCounts(columns, FIRST_ROWS);
  const isSettled = new Set<string>();
  let rows = 0;
  for await (const batch of file.batches(columns)) {
    for (const row of batch) {
      if (rows === FIRST_ROWS) break;
      counts.take(row, rows++);
      for (const name of columns) if (!mayHoldFields(row[name])) isSettled.add(name);
    }
    if (rows === FIRST_ROWS) break;
  }
  const isCounted = new Set(counts.columns());
  return columns.filter((name) => isCounted.has(name) || !isSettled.has(name));
}

/** Nothing, and an object, tell nothing of other rows. */
function mayHoldFields(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && !isList(value) && !(value instanceof Date);
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** Values of fields inside objects, with the keys that lead to them; lists have none. */
function* scalarsOf(row: Row, keys: string[]): Generator<[keys: string[], value: unknown]> {
  for (const [key, value] of Object.entries(row)) {
    if (value === undefined || value === null || isList(value)) continue;
    const path = [...keys, key];
    if (typeof value !== 'object' || value instanceof Date) yield [path, value];
    else if (path.length < MOST_DEPTH) yield* scalarsOf(value as Row, path);
  }
}

/** Undefined for what is no name of a class: long texts and fractions. */
function valueText(value: unknown): string | undefined {
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && value.length <= MOST_LENGTH ? value : undefined;
}

/** Counts the values of all fields, of those that turn out to have few. */
export class FieldCounts {
  private readonly rows: number;
  /** The place of each column among them. */
  private readonly places: ReadonlyMap<string, number>;
  private open = 0;
  private readonly fields = new Map<string, FieldCount>();

  /** @param columns in which fields are looked for @param rows how many there are at most */
  constructor(columns: readonly string[], rows: number) {
    this.places = new Map(columns.map((column, place) => [column, place]));
    this.rows = rows;
  }

  /** @param number of the row, from 0 */
  take(row: Row, number: number): void {
    for (const [keys, value] of scalarsOf(row, [])) {
      if (!this.places.has(keys[0])) continue;
      const path = JSON.stringify(keys);
      let field = this.fields.get(path);
      if (field === undefined) {
        if (this.open === MOST_OPEN) continue;
        this.open++;
        field = new FieldCount(keys, this.rows);
        this.fields.set(path, field);
      }
      if (field.isFew && !field.take(value, number)) this.open--;
    }
  }

  /** Those with a field that may have few values. */
  columns(): string[] {
    return Array.from(this.fields.values()).flatMap(({ keys, isFew }) => (isFew ? [keys[0]] : []));
  }

  /** Of the fields with few values, in the order of the columns. @param rows how many there were */
  compositions(rows: number, picks: Int32Array, shown: Int32Array): FieldComposition[] {
    const told = Array.from(this.fields.values())
      .filter((field) => field.isToldOf(rows))
      .sort((a, b) => this.#placeOf(a) - this.#placeOf(b))
      .slice(0, MOST_FIELDS);
    const names = told.map(({ keys }) => keys.join('.'));
    return told.map((field, i) => {
      const isUnique = names.indexOf(names[i]) === names.lastIndexOf(names[i]);
      return field.composition(isUnique ? names[i] : field.keys.join(' → '), rows, picks, shown);
    });
  }

  #placeOf({ keys }: FieldCount): number {
    return this.places.get(keys[0]) as number;
  }
}

/** The values of a field. */
class FieldCount {
  readonly keys: string[];
  isFew = true;
  private readonly codes = new Map<string, number>();
  private readonly counts: number[] = [0];
  /** Per row 0 where it has no value, otherwise the code of it. */
  private codeOf: Uint8Array;
  private filled = 0;

  constructor(keys: string[], rows: number) {
    this.keys = keys;
    this.codeOf = new Uint8Array(rows);
  }

  /** @returns false where it has too many values now, or one that is no name of a class */
  take(value: unknown, number: number): boolean {
    const text = valueText(value);
    const code = text === undefined ? MOST_VALUES + 1 : (this.codes.get(text) ?? this.codes.size + 1);
    if (code > MOST_VALUES) {
      this.isFew = false;
      this.codeOf = new Uint8Array(0);
      return false;
    }
    this.codes.set(text as string, code);
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    this.codeOf[number] = code;
    this.filled++;
    return true;
  }

  /** Whether the rows fall into classes by it: at least two with rows without it, and on average of at least two rows. */
  isToldOf(rows: number): boolean {
    const kinds = this.codes.size + Number(this.filled < rows);
    return this.isFew && kinds > 1 && this.codes.size <= this.filled / 2;
  }

  composition(name: string, rows: number, picks: Int32Array, shown: Int32Array): FieldComposition {
    const nothing = rows - this.filled;
    const names = [this.#nameOfNothing(), ...this.codes.keys()];
    const counts = [nothing, ...this.counts.slice(1)];
    const byCount = Array.from(names.keys())
      .slice(nothing > 0 ? 0 : 1)
      .sort((a, b) => counts[b] - counts[a] || a - b);
    const told = byCount.length <= TOLD_VALUES + 1 ? byCount.length : TOLD_VALUES;
    const placeOf = new Uint8Array(names.length);
    byCount.forEach((code, place) => {
      placeOf[code] = Math.min(place, told);
    });
    const toldCounts = byCount.slice(0, told).map((code) => counts[code]);
    const others = byCount.slice(told).reduce((sum, code) => sum + counts[code], 0);
    return {
      name,
      values: byCount.slice(0, told).map((code) => names[code]),
      others: byCount.length - told,
      counts: Uint32Array.from(told < byCount.length ? [...toldCounts, others] : toldCounts),
      picks: Uint8Array.from(picks, (row) => placeOf[this.codeOf[row]]),
      shown: Uint8Array.from(shown, (row) => placeOf[this.codeOf[row]]),
    };
  }

  /** A name that no value has. */
  #nameOfNothing(): string {
    let name = '(none)';
    while (this.codes.has(name)) name = `(${name})`;
    return name;
  }
}
