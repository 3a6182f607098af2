import type { Sink } from '@coreset/core';
import { type Options, stringify } from 'csv-stringify/sync';
import { base64, jsonText } from './json-text.js';
import { type KeptRows, requireColumns } from './kept-rows.js';
import { requireWholeText } from './whole-text.js';

/**
 * CSV with a header and quotes where needed. Null and what is missing are empty fields, bytes are in base64, lists and
 * objects are JSON.
 */
export async function writeCsv(kept: KeptRows, sink: Sink, delimiter: string): Promise<void> {
  const columns = kept.open ? await allFields(kept) : kept.fields;
  requireColumns(columns.length);
  // A quoted empty text, so that a line of one empty field is no empty line; a carriage return alone ends a line for many.
  const options: Options = { delimiter, quoted_empty: true, quoted_match: /\r/, record_delimiter: '\n' };
  sink.write(stringify([columns], options));
  for await (const { rows, numbers } of kept.batches()) {
    const records = rows.map((row, i) =>
      columns.map((column) => {
        const text = fieldText(Object.hasOwn(row, column) ? row[column] : undefined);
        requireWholeText(text, column, () => kept.place(numbers[i]));
        return text;
      }),
    );
    sink.write(stringify(records, options));
  }
}

async function allFields(kept: KeptRows): Promise<string[]> {
  const fields = new Set(kept.fields);
  for await (const { rows } of kept.batches())
    for (const row of rows) for (const key of Object.keys(row)) fields.add(key);
  return [...fields];
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return base64(value);
  return typeof value === 'object' || Object.is(value, -0) ? jsonText(value) : String(value);
}
