import { createReadStream } from 'node:fs';
import { CoresetError, fileError, readNpyVector, requireFiniteScores } from '@coreset/core';
import { jsonText, type RowFile, valuesAt } from '@coreset/rows';
import { externalField, isFile } from './external.js';
import { descriptorOf } from './given.js';
import { readPiped, requireNoPipe } from './piped.js';

/**
 * Scores from outside: a `.npy` vector, or a text file with one number per line. They keep their precision.
 * @throws CoresetError when there is not exactly one finite score per row
 */
export async function readScores(path: string, rows: number, signal?: AbortSignal): Promise<Float64Array> {
  if (descriptorOf(path) === undefined) requireNoPipe(path);
  const scores = path.toLowerCase().endsWith('.npy') ? readNpyVector(path) : await readNumberLines(path, signal);
  if (scores.length !== rows)
    throw new CoresetError(`${path} has ${scores.length} scores for ${rows} rows; one score per row is needed`);
  try {
    requireFiniteScores(scores);
  } catch (error) {
    throw new CoresetError(`${path}: ${(error as Error).message}`);
  }
  return scores;
}

/**
 * Scores from a file, or else from a field of the input.
 * @param badRows rows that nothing is made of, which need no score
 * @throws CoresetError when the name is neither, or a row's score is not a finite number
 */
export async function externalScores(
  name: string,
  file: RowFile,
  rows: number,
  badRows: ReadonlySet<number>,
  signal?: AbortSignal,
  what: 'scores' | 'cost' = 'scores',
): Promise<Float64Array> {
  if (await isFile(name, file)) return readScores(name, rows, signal);
  const path = await externalField(what, name, file);
  const scores = new Float64Array(rows);
  let row = 0;
  for await (const values of file.read([path.root])) {
    const [value] = valuesAt(values, path);
    const score =
      typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '')
        ? Number(value)
        : Number.NaN;
    if (!Number.isFinite(score) && !badRows.has(row))
      throw new CoresetError(
        `${file.place(row)}, field '${name}' is ${jsonText(value ?? null)}, not a finite ${what === 'cost' ? 'number' : 'score'}`,
      );
    scores[row++] = score;
  }
  return scores;
}

/** One number per line, as an alternative to `.npy` for scores. */
async function readNumberLines(path: string, signal: AbortSignal | undefined): Promise<Float64Array> {
  const numbers: number[] = [];
  let rest = '';
  const take = (line: string): void => {
    const text = line.trim();
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value))
      throw new CoresetError(
        `${path}, line ${numbers.length + 1}: '${text.slice(0, 40)}' is not a finite number; give one score per line`,
      );
    numbers.push(value);
  };
  const descriptor = descriptorOf(path);
  const source = descriptor === undefined ? createReadStream(path) : readPiped(descriptor, signal);
  const decoder = new TextDecoder();
  try {
    for await (const chunk of source) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw fileError('read', path, error);
  }
  if (rest !== '') take(rest);
  return Float64Array.from(numbers);
}
