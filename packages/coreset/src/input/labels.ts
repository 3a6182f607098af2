import { readFileSync } from 'node:fs';
import { CoresetError, fileError, readNpy } from '@coreset/core';
import { type RowFile, valuesAt } from '@coreset/rows';
import { externalField, isFile } from './external.js';
import { descriptorOf } from './given.js';
import { readPiped, requireNoPipe } from './piped.js';

/** The option that asks for labels. */
export type LabelsOption = 'labels' | 'balance';

/**
 * Labels from a file (`.npy`, or text with a label per line) or else from a field of the input, numbered from
 * 0 in the order of their names.
 * @param badRows rows that nothing is made of, which need no label
 * @throws CoresetError when the name is neither, or there is not one label per row
 */
export async function readLabels(
  name: string,
  file: RowFile,
  rows: number,
  badRows: ReadonlySet<number>,
  signal?: AbortSignal,
  what: LabelsOption = 'labels',
): Promise<Int32Array> {
  return (await isFile(name, file))
    ? labelsFromFile(name, rows, signal, what)
    : numbered(await fieldValues(name, file, badRows, what), name, rows, what);
}

/** Labels from a file. @throws CoresetError when there is not one label per row */
export async function labelsFromFile(
  path: string,
  rows: number,
  signal?: AbortSignal,
  what: LabelsOption = 'labels',
): Promise<Int32Array> {
  const descriptor = descriptorOf(path);
  if (descriptor === undefined) requireNoPipe(path);
  if (path.toLowerCase().endsWith('.npy')) return numbered(npyLabels(path), path, rows, what);
  try {
    const text = descriptor === undefined ? readFileSync(path, 'utf8') : await pipedText(descriptor, signal);
    return numbered(text.replace(/\r?\n$/, '').split(/\r?\n/), path, rows, what);
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError('read', path, error);
  }
}

async function pipedText(descriptor: number, signal: AbortSignal | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readPiped(descriptor, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Each number as text: as float64, 64-bit integers above 2^53 would fall together. */
function npyLabels(path: string): string[] {
  const { data, shape } = readNpy(path);
  if (shape.length !== 1)
    throw new CoresetError(`${path}: a one-dimensional array is needed, this one is (${shape.join(', ')})`);
  return Array.from(data as ArrayLike<number | bigint>, String);
}

function numbered(values: string[], name: string, rows: number, what: LabelsOption): Int32Array {
  if (values.length !== rows)
    throw new CoresetError(`${what} ${name}: ${values.length} labels for ${rows} rows; one per row is needed`);
  return numberLabels(values);
}

/** Labels as numbers from 0 on, in the order of their names. */
export function numberLabels(values: string[]): Int32Array {
  const numbers = new Map(
    Array.from(new Set(values))
      .sort()
      .map((value, number) => [value, number]),
  );
  return Int32Array.from(values, (value) => numbers.get(value) ?? 0);
}

async function fieldValues(
  name: string,
  file: RowFile,
  badRows: ReadonlySet<number>,
  what: LabelsOption,
): Promise<string[]> {
  const path = await externalField(what, name, file);
  const values: string[] = [];
  for await (const row of file.read([path.root])) {
    const [value] = valuesAt(row, path);
    if (badRows.has(values.length)) values.push('');
    else if (value === undefined || value === null || typeof value === 'object') {
      throw new CoresetError(
        `${file.place(values.length)} has no ${what === 'balance' ? 'group' : 'label'} in field '${name}'`,
      );
    } else values.push(String(value));
  }
  return values;
}
