import { CoresetError } from '@coreset/core';
import type { Row } from '../row.js';
import { mayHaveLostDigits, parseJson } from './json-value.js';
import { setOwn } from './set-own.js';

/** So many rows are looked at to learn the names of the fields. */
export const ROWS_FOR_FIELDS = 1000;

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
      setOwn(row, field, value);
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
export function unionOfFields(rows: Iterable<Row>): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

function oneLine(message: string): string {
  return message.slice(0, 120).replace(/\p{Cc}+/gu, ' ');
}
