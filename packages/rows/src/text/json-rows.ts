import { CoresetError } from '@coreset/core';
import type { OpenOptions, Row } from '../row.js';
import { setField } from '../values/numbers.js';
import { mayHaveLostDigits, parseJson } from './json-value.js';

/** So many rows are looked at to learn the names of the fields. */
const ROWS_FOR_FIELDS = 1000;

/** Parses one row. `what` and `number` tell where it stands, for the message: "a.jsonl, line", 7. */
export type ReadRow = (text: string, what: string, number: number) => Row;

/**
 * Parse one JSON object.
 * @throws CoresetError when it is broken or no object
 */
export function parseRow(text: string, what: string, number: number): Row {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const hint = text.trimStart().startsWith('[') ? '; a file that is one array is named .json' : '';
    throw new CoresetError(`${what} ${number}: broken JSON (${oneLine((error as Error).message)})${hint}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  throw new CoresetError(`${what} ${number}: ${kind}, not an object; each row must be {"field": value, …}`);
}

/** Makes rows of JSON texts, with only the fields asked for. */
export function rowPicker(fields: string[]): ReadRow {
  // JSON.parse makes own properties of all names; these alone are there too when the text has none.
  const inherited = fields.some((field) => field in Object.prototype);
  return (text, what, number) => {
    const whole = quickObject(text) ?? parseRow(text, what, number);
    const row: Row = {};
    for (const field of fields) {
      let value = inherited && !Object.hasOwn(whole, field) ? undefined : whole[field];
      if (typeof value !== 'string' && mayHaveLostDigits(value, text)) value = parseRow(text, what, number)[field];
      setField(row, field, value);
    }
    return row;
  };
}

/** What JSON.parse makes of it where that is an object. */
function quickObject(text: string): Row | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The names of the fields of these rows, in order of appearance. */
function unionOfFields(rows: Iterable<Row>): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

function oneLine(message: string): string {
  return message.slice(0, 120).replace(/\p{Cc}+/gu, ' ');
}

/**
 * The fields of the first rows.
 * @param rows reads them, and tells what the options say
 */
export async function firstFields(
  options: OpenOptions,
  rows: (options: OpenOptions) => AsyncIterable<Row[]>,
): Promise<string[]> {
  // What cannot be read of these rows is told when all are read.
  const quiet = options.onBrokenRow ? { ...options, onBrokenRow: () => {} } : options;
  const first: Row[] = [];
  for await (const batch of rows(quiet)) {
    first.push(...batch);
    if (first.length >= ROWS_FOR_FIELDS) break;
  }
  return unionOfFields(first.slice(0, ROWS_FOR_FIELDS));
}
