import { readAhead } from './read-ahead.js';

/** Rows copied at a time, so that their waits for memory overlap. */
const ROWS = 16;

/** Copy rows of bytes of a shared array one behind the other. @param rows rising */
export function copyCodes(from: Uint8Array, cols: number, rows: Int32Array, to: Uint8Array): void {
  const isWhole = cols % 8 === 0;
  const words = new BigInt64Array(from.buffer, 0, isWhole ? from.length >> 3 : 0);
  const target = new BigInt64Array(to.buffer, 0, isWhole ? to.length >> 3 : 0);
  for (let start = 0; start < rows.length; start += ROWS) {
    const end = Math.min(rows.length, start + ROWS);
    if (rows[end - 1] - rows[start] === end - 1 - start) {
      to.set(from.subarray(rows[start] * cols, (rows[end - 1] + 1) * cols), start * cols);
      continue;
    }
    let touched = 0;
    for (let i = start; i < end; i++) touched ^= readAhead(from, cols, rows[i]);
    // Overwritten at once; it keeps what was read from being dead code.
    to[start * cols] = touched;
    if (isWhole) copyWords(words, cols >> 3, rows, start, end, target);
    else for (let i = start; i < end; i++) to.set(from.subarray(rows[i] * cols, (rows[i] + 1) * cols), i * cols);
  }
}

/** `set` with its call and its checks takes longer than the copy of a row. */
function copyWords(
  from: BigInt64Array,
  length: number,
  rows: Int32Array,
  start: number,
  end: number,
  to: BigInt64Array,
): void {
  for (let i = start, at = start * length; i < end; i++) {
    for (let c = rows[i] * length, last = c + length; c < last; c++) to[at++] = from[c];
  }
}
