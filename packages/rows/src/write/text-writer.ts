import { CoresetError, type Sink } from '@coreset/core';
import type { RowText } from '../fields/text-of-rows.js';
import { describeValue } from '../fields/value-text.js';
import type { Row } from '../row.js';
import type { KeptRows } from './kept-rows.js';
import { requireWholeText } from './whole-text.js';

/**
 * A text a line.
 * @param rowText what of the rows is written; a row without it is an empty line. Default: the only field
 * @throws CoresetError when a text has line breaks, or there is no field that is meant
 */
export async function writeText(kept: KeptRows, sink: Sink, rowText?: RowText): Promise<void> {
  const label = rowText?.label ?? onlyField(kept);
  const textOf = rowText ? textIn(rowText) : (row: Row, place: () => string) => plainText(row, label, place);
  for await (const { rows, numbers } of kept.batches()) {
    rows.forEach((row, i) => {
      const place = (): string => kept.place(numbers[i]);
      const text = textOf(row, place);
      if (/[\r\n]/.test(text))
        throw new CoresetError(
          `${place()}, '${label}' has line breaks, and a line of a text file is a row; write .jsonl`,
        );
      requireWholeText(text, label, place);
      sink.write(`${text}\n`);
    });
  }
}

function onlyField({ fields, open }: KeptRows): string {
  if (fields.length === 1 && !open) return fields[0];
  if (fields.includes('text')) return 'text';
  throw new CoresetError(
    `a text file holds one field, and there is none called 'text' among ${fields.slice(0, 20).join(', ')}; write .jsonl`,
  );
}

function plainText(row: Row, field: string, place: () => string): string {
  const value = row[field];
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  throw new CoresetError(`${place()}, field '${field}' is ${describeValue(value)}, not a text; write .jsonl`);
}

function textIn({ textOf }: RowText): (row: Row) => string {
  return (row) => textOf(row).text ?? '';
}
