import { closeSync, openSync } from 'node:fs';
import { CoresetError } from '../errors/error.js';
import { inParts, type Steps } from '../threads/steps.js';
import { swapBytes } from './number-type.js';
import { readFully, type VectorFile, type Vectors } from './vectors.js';

const NUMBERS_AT_ONCE = 1 << 18;
/** What rounding a number to float32 changes at most, as a share of it. */
const ROUNDING = 2 ** -24;
/** Rounding may change distances by this share of what the rows differ by. */
const GREATEST_SHARE = 2 ** -10;
const GREATEST_FLOAT32 = 2 ** 128 * (1 - 2 ** -25);

/**
 * Check that vectors of float64 numbers lose nothing that matters when they are read as float32. Far from zero they
 * would: numbers around 1e9 that differ by 1e-3 become equal.
 * @param name of the vectors, for the message
 * @throws CoresetError that names the column, and says what to do
 */
export function* requireFloat32Holds(vectors: Vectors, name: string): Steps<void> {
  if ('data' in vectors || vectors.numbers?.type !== 'float64') return;
  const { rows, cols } = vectors;
  const columns = Array.from({ length: cols }, () => new ColumnSpread());
  yield* forEachNumber(vectors, (number, index) => {
    if (!Number.isFinite(number)) return; // others refuse it
    if (Math.abs(number) > GREATEST_FLOAT32)
      throw new CoresetError(
        `${name}: row ${Math.floor(index / cols)}, column ${index % cols} is ${number}, more than float32 holds, which vectors are read as; divide all numbers by a constant`,
      );
    columns[index % cols].add(number);
  });
  const errors = columns.map(({ greatest }) => ROUNDING * greatest);
  const error = Math.hypot(...errors);
  const spread = Math.hypot(...columns.map((column) => column.deviation(rows)));
  if (spread === 0 || error <= GREATEST_SHARE * spread) return;
  const worst = errors.indexOf(Math.max(...errors));
  throw new CoresetError(
    `${name}: column ${worst} has numbers up to ${columns[worst].greatest}, far from zero beside the ${spread.toPrecision(2)} that rows differ by: as float32, which vectors are read as, rows would become equal; subtract each column's mean first (array - array.mean(axis=0))`,
  );
}

/** How far the numbers of a column are spread, whatever is added to all of them. */
class ColumnSpread {
  greatest = 0;
  private first: number | undefined;
  private sum = 0;
  private squares = 0;

  add(number: number): void {
    this.first ??= number;
    const difference = number - this.first;
    this.sum += difference;
    this.squares += difference * difference;
    this.greatest = Math.max(this.greatest, Math.abs(number));
  }

  deviation(count: number): number {
    return Math.sqrt(Math.max(0, this.squares / count - (this.sum / count) ** 2));
  }
}

function* forEachNumber(
  { path, dataOffset, rows, cols, numbers }: VectorFile,
  visit: (number: number, index: number) => void,
): Steps<void> {
  const block = new Float64Array(NUMBERS_AT_ONCE);
  const descriptor = openSync(path, 'r');
  try {
    yield* inParts(
      rows * cols,
      (start, end) => {
        const bytes = new Uint8Array(block.buffer, 0, 8 * (end - start));
        readFully(descriptor, bytes, dataOffset + 8 * start);
        if (numbers?.bigEndian) swapBytes(bytes, 8);
        for (let i = start; i < end; i++) visit(block[i - start], i);
      },
      NUMBERS_AT_ONCE,
    );
  } finally {
    closeSync(descriptor);
  }
}
