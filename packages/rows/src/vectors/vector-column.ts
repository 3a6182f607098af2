import { CoresetError, npyHeader, writeAtomic } from '@coreset/core';
import { type FieldPath, unpacked, valuesAt } from '../fields/field-path.js';
import { describeValue } from '../fields/value-text.js';
import type { Row } from '../row.js';

/** How much was written. */
export interface WrittenVectors {
  /** Rows with a vector. */
  rows: number;
  cols: number;
}

/**
 * Write the vectors in a field of rows to a `.npy` file of float32: lists of numbers, or texts such as `[0.1, 0.2]` or
 * `0.1 0.2`. Only some rows are in memory at a time.
 * @param onBadRow called for each row without a vector, which is left out: one that is missing, of another width than
 *   the first, all zeros, or with numbers that are not finite; without it such a row ends the writing
 * @throws CoresetError naming the row and the field
 */
export async function writeVectorColumn(
  batches: AsyncIterable<Row[]>,
  path: FieldPath,
  out: string,
  onBadRow?: (row: number, problem: string) => void,
): Promise<WrittenVectors> {
  let row = 0;
  let rows = 0;
  let cols: number | undefined;
  let firstRow = 0;
  await writeAtomic(out, async (sink) => {
    const header = npyHeader('<f4', [0, 0]);
    sink.write(header);
    for await (const batch of batches) {
      for (const values of batch) {
        const vector = vectorOf(valuesAt(values, path));
        const problem = typeof vector === 'string' ? vector : widthProblem(vector.length, cols, firstRow);
        if (typeof vector !== 'string' && problem === undefined) {
          if (cols === undefined) firstRow = row;
          cols = vector.length;
          sink.write(new Uint8Array(vector.buffer));
          rows++;
        } else if (onBadRow) onBadRow(row, `field '${path.text}' ${problem}`);
        else throw new CoresetError(`row ${row}, field '${path.text}' ${problem}`);
        row++;
      }
    }
    const counted = npyHeader('<f4', [rows, cols ?? 0]);
    if (counted.length !== header.length) throw new Error('the header outgrew its place');
    sink.overwrite(counted, 0);
  });
  return { rows, cols: cols ?? 0 };
}

function widthProblem(width: number, cols: number | undefined, firstRow: number): string | undefined {
  return cols === undefined || width === cols ? undefined : `has ${width} numbers, row ${firstRow} has ${cols}`;
}

/** A vector, or what is wrong with the value. */
export function vectorOf(found: unknown[]): Float32Array | string {
  if (found.length > 1) return numbersOf(found);
  const [value] = found;
  if (typeof value === 'string') return parsed(value);
  if (Array.isArray(value) || isFloats(value)) return numbersOf(value);
  return `is ${value instanceof Uint8Array ? 'bytes' : describeValue(value)}, not a list of numbers`;
}

function isFloats(value: unknown): value is Float32Array | Float64Array {
  return value instanceof Float32Array || value instanceof Float64Array;
}

function numbersOf(list: ArrayLike<unknown>): Float32Array | string {
  if (list.length === 0) return 'is an empty list';
  const vector = new Float32Array(list.length);
  let isZero = true;
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (typeof value !== 'number' && typeof value !== 'bigint')
      return `has ${typeof value === 'string' ? 'a text' : describeValue(value)} as number ${i}`;
    vector[i] = Number(value);
    if (!Number.isFinite(vector[i])) return `has ${value} as number ${i}, which is not finite as float32`;
    if (vector[i] !== 0) isZero = false;
  }
  return isZero ? 'is all zeros, as a failed embedding leaves it' : vector;
}

/** The numbers in a text, with commas, semicolons or white space between them, in brackets or without. */
function parsed(text: string): Float32Array | string {
  const list = unpacked(text); // ten times faster where the text is JSON
  if (Array.isArray(list)) return numbersOf(list);
  const inner = text
    .trim()
    .replace(/^(\[.*\]|\(.*\)|\{.*\})$/s, (whole) => whole.slice(1, -1))
    .trim();
  if (inner === '') return 'is empty';
  const words = inner.split(/\s*[,;]\s*|\s+/);
  if (words.includes('...')) return "is cut short by NumPy ('...'); save it as a list";
  const wrong = words.findIndex((word) => word === '' || !Number.isFinite(Number(word)));
  if (wrong !== -1) return `has '${words[wrong].slice(0, 40)}' as number ${wrong}`;
  return numbersOf(words.map(Number));
}
