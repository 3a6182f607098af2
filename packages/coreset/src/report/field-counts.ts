import type { FieldComposition } from '@coreset/report';
import type { Row, RowFile } from '@coreset/rows';
import type { InputRows } from '../results/input-rows.js';

/** A field with few values, by the keys that lead to it. */
export interface CountedField {
  name: string;
  /** The column that it is read from. */
  column: string;
  keys: string[];
}

/** Rows from the beginning that show which fields have few values. */
const FIRST_ROWS = 2_000;
/** Fields with more values than this tell little in sums. */
const MOST_VALUES = 100;
/** Values that are told apart; the others are counted together. */
const TOLD_VALUES = 49;
const MOST_LENGTH = 60;
const MOST_FIELDS = 12;
const MOST_DEPTH = 3;
const NOTHING = '(none)';

/** Fields that may have few values, by the first rows. */
export async function fieldsToCount(
  file: RowFile,
  { content, idField }: Pick<InputRows, 'content' | 'idField'>,
): Promise<CountedField[]> {
  const isShown = new Set([...content.columns, idField?.root, content.vectorPath?.root]);
  const columns = [...new Set(await file.fields())].filter((name) => !isShown.has(name));
  if (columns.length === 0) return [];
  const found = new Map<string, { field: CountedField; values: Set<string>; rows: number; isFew: boolean }>();
  let rows = 0;
  for await (const batch of file.batches(columns)) {
    for (const row of batch) {
      if (++rows > FIRST_ROWS) break;
      for (const [keys, value] of scalarsOf(row, [])) {
        const name = keys.join('.');
        const one = found.get(name) ?? {
          field: { name, column: keys[0], keys },
          values: new Set(),
          rows: 0,
          isFew: true,
        };
        found.set(name, one);
        one.rows++;
        const text = valueText(value);
        if (text === undefined) one.isFew = false;
        else if (one.values.size <= MOST_VALUES) one.values.add(text);
      }
    }
    if (rows >= FIRST_ROWS) break;
  }
  return Array.from(found.values())
    .filter(
      ({ values, rows: with_, isFew }) =>
        isFew && values.size > 1 && values.size <= MOST_VALUES && values.size <= with_ / 2,
    )
    .map(({ field }) => field)
    .slice(0, MOST_FIELDS);
}

/** Values of fields inside objects, with the keys that lead to them; lists have none. */
function* scalarsOf(row: Row, keys: string[]): Generator<[keys: string[], value: unknown]> {
  for (const [key, value] of Object.entries(row)) {
    if (value === undefined || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) continue;
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

/** Counts the values of a field. */
export class FieldCounts {
  private readonly field: CountedField;
  private readonly codes = new Map<string, number>();
  private readonly counts: number[] = [];
  private readonly codeOf: Uint8Array;
  private isFew = true;

  constructor(field: CountedField, rows: number) {
    this.field = field;
    this.codeOf = new Uint8Array(rows);
  }

  take(row: Row, number: number): void {
    if (!this.isFew) return;
    let value: unknown = row;
    for (const key of this.field.keys) value = (value as Row | undefined | null)?.[key];
    const text = value === undefined || value === null ? NOTHING : valueText(value);
    const code = text === undefined ? MOST_VALUES + 1 : (this.codes.get(text) ?? this.codes.size);
    if (code > MOST_VALUES) {
      this.isFew = false;
      return;
    }
    this.codes.set(text as string, code);
    this.counts[code] = (this.counts[code] ?? 0) + 1;
    this.codeOf[number] = code;
  }

  /** @returns undefined where there turned out to be too many values */
  composition(picks: Int32Array, shown: Int32Array): FieldComposition | undefined {
    if (!this.isFew || this.codes.size < 2) return undefined;
    const names = Array.from(this.codes.keys());
    const byCount = Array.from(names.keys()).sort((a, b) => this.counts[b] - this.counts[a] || a - b);
    const told = byCount.length <= TOLD_VALUES + 1 ? byCount.length : TOLD_VALUES;
    const placeOf = new Uint8Array(names.length);
    byCount.forEach((code, place) => {
      placeOf[code] = Math.min(place, told);
    });
    const counts = byCount.slice(0, told).map((code) => this.counts[code]);
    const others = byCount.slice(told).reduce((sum, code) => sum + this.counts[code], 0);
    const hasOthers = told < byCount.length;
    return {
      name: this.field.name,
      values: byCount.slice(0, told).map((code) => names[code]),
      others: byCount.length - told,
      counts: Uint32Array.from(hasOthers ? [...counts, others] : counts),
      picks: Uint8Array.from(picks, (row) => placeOf[this.codeOf[row]]),
      shown: Uint8Array.from(shown, (row) => placeOf[this.codeOf[row]]),
    };
  }
}
