import { range } from '@coreset/core';
import { addReadings, type ReadingSummary } from '@coreset/embedder';

/**
 * Numbers of tokens of a text: those that count, the unknown ones among them, and those behind the limit. −1 tokens: the
 * tokenizer makes none of the text and adds none, so that its vector is zeros. An image is one token, and one behind the limit
 * where it is cut short; −1 where it cannot be read.
 */
export type Reading = readonly [tokens: number, unknown: number, lost: number];

/** Numbers of a {@link Reading}. Of many texts they lie one after the other. */
export const READING_NUMBERS = 3;

/** What the model read of all rows together. */
export function summaryOf(readings: Int32Array): ReadingSummary {
  const rows = readings.length / READING_NUMBERS;
  const column = (at: number): Int32Array =>
    Int32Array.from({ length: rows }, (_, row) => Math.max(0, readings[row * READING_NUMBERS + at]));
  return addReadings({ tokens: column(0), unknown: column(1), lost: column(2) });
}

/** Whether the model can read something of a row. */
export function hasTokens(readings: Int32Array, row: number): boolean {
  return readings[row * READING_NUMBERS] >= 0;
}

/** Whether something of a row does not count. */
export function isCut(readings: Int32Array, row: number): boolean {
  return readings[row * READING_NUMBERS + 2] > 0;
}

/** Rows of which the model can read something, ascending. */
export function rowsWithTokens(readings: Int32Array): Int32Array {
  return range(0, readings.length / READING_NUMBERS).filter((row) => hasTokens(readings, row));
}
