import { existsSync } from 'node:fs';
import { CoresetError, type RunOptions, requireNumber } from '@coreset/core';
import { describeValue, type FieldPath, jsonText, type RowFile, valuesAt } from '@coreset/rows';
import { BALANCES, type Balance } from '@coreset/selector';
import { corpusItems } from './corpus.js';
import { externalField, isFile } from './external.js';
import { labelsFromFile, readLabels } from './labels.js';
import type { RunInput } from './open-input.js';
import { readRowList, rowsListedIn } from './row-list.js';
import { externalScores, readScores } from './scores.js';

/** What is asked of a selection besides its method. */
export interface SteeringOptions {
  /** Rows that are kept in any case, come first and count: a field of true and false, or a file of ids, row numbers or marks. */
  include?: string;
  /** Rows that are dropped in any case and need nothing that stands for them; as `include`. */
  exclude?: string;
  /**
   * Which of near-duplicates is kept: `FIELD`, the one with the least value, or `FIELD:desc`, with the greatest. A field or a
   * file of scores; or, where the input has no such field, `length`: characters of the text.
   */
  prefer?: string;
  /** Groups among which the budget is shared: `FIELD`, or `FIELD:equal` (as without), `:sqrt` or `:proportional`. */
  balance?: string;
  /** Rows, or where there is a cost its sum, that each group gets at least. */
  groupMinimum?: number;
  /**
   * What rows cost: a field or file of numbers or, where the input has no such field, `tokens` (of the model) or `bytes` (of
   * the text). `keep` is in that unit then.
   */
  cost?: string;
}

/** Every option of {@link SteeringOptions}. */
export const STEERING_OPTIONS: Readonly<Record<keyof SteeringOptions, true>> = {
  include: true,
  exclude: true,
  prefer: true,
  balance: true,
  groupMinimum: true,
  cost: true,
};

/** What {@link SteeringOptions} come to: rows of the input, or a value for each. */
export interface Steering {
  include?: Int32Array;
  exclude?: Int32Array;
  preference?: Float64Array;
  groups?: Int32Array;
  balance?: Balance;
  groupMinimum?: number;
  /** `tokens` are known when the rows have been embedded. */
  costs?: Float64Array | 'tokens';
}

/** @throws CoresetError when an option means nothing without another, or is out of its range */
export function requireSteering(options: SteeringOptions): void {
  const { balance, groupMinimum, ...named } = options;
  for (const option of ['include', 'exclude', 'prefer', 'cost'] as const)
    if (named[option] !== undefined && typeof named[option] !== 'string')
      throw new CoresetError(`${option} names a field or a file, got ${describeValue(named[option])}`);
  if (groupMinimum === undefined) return;
  if (balance === undefined) throw new CoresetError('--group-minimum means nothing without --balance');
  requireNumber('--group-minimum', groupMinimum, 0);
}

/** @throws CoresetError when there is no such field or file, or a value is wrong, naming its row */
export async function readSteering(
  input: RunInput,
  options: SteeringOptions & Pick<RunOptions, 'signal' | 'onNotice'>,
): Promise<Steering> {
  const { file, rows, corpus } = input;
  const { include, exclude, prefer, balance, groupMinimum, cost, signal } = options;
  const bad = new Set(corpus?.badRows);
  const listInput = { file, rows, idField: corpus?.idField };
  const steering: Steering = { groupMinimum };
  if (include !== undefined) {
    steering.include = await readRowList('include', include, listInput, options);
    const empty = steering.include.find((row) => bad.has(row));
    if (empty !== undefined) throw new CoresetError(`--include: ${file.place(empty)} has nothing to embed`);
  }
  if (exclude !== undefined) {
    steering.exclude = await readRowList('exclude', exclude, listInput, options);
    const included = new Set(steering.include);
    const both = steering.exclude.find((row) => included.has(row));
    if (both !== undefined) throw new CoresetError(`${file.place(both)} is both included and excluded`);
  }
  if (prefer !== undefined) steering.preference = await readPreference(prefer, input, signal);
  if (balance !== undefined) {
    const [name, how = 'equal'] = await nameAndWord(balance, BALANCES, file);
    steering.groups = await readLabels(name, file, rows, bad, signal, 'balance');
    steering.balance = how as Balance;
  }
  if (cost !== undefined) steering.costs = await readCosts(cost, input, bad, signal);
  return steering;
}

/**
 * The same from files alone, where there are no rows: row numbers or marks, scores, labels.
 * @throws CoresetError when a file is not there, or does not fit
 */
export async function readSteeringFiles(
  rows: number,
  options: SteeringOptions & Pick<RunOptions, 'signal' | 'onNotice'>,
): Promise<Omit<Steering, 'costs'> & { costs?: Float64Array }> {
  const { include, exclude, prefer, balance, groupMinimum, cost, signal, onNotice } = options;
  requireSteering(options);
  const [preferred, order = 'asc'] = prefer === undefined ? [] : await nameAndWord(prefer, ORDERS);
  const [grouped, how = 'equal'] = balance === undefined ? [] : await nameAndWord(balance, BALANCES);
  const sign = order === 'desc' ? 1 : -1;
  return {
    groupMinimum,
    include: include === undefined ? undefined : rowsListedIn('include', include, rows, onNotice),
    exclude: exclude === undefined ? undefined : rowsListedIn('exclude', exclude, rows, onNotice),
    preference:
      preferred === undefined ? undefined : (await readScores(preferred, rows, signal)).map((one) => sign * one),
    groups: grouped === undefined ? undefined : await labelsFromFile(grouped, rows, signal, 'balance'),
    balance: grouped === undefined ? undefined : (how as Balance),
    costs: cost === undefined ? undefined : await readScores(cost, rows, signal),
  };
}

const ORDERS = ['asc', 'desc'] as const;

/** `NAME:WORD` in its parts, where the word is one of those, and no field or file is called so. */
async function nameAndWord(
  given: string,
  words: readonly string[],
  file?: RowFile,
): Promise<[name: string, word: string | undefined]> {
  const at = given.lastIndexOf(':');
  const isName = file ? await isNamed(given, file) : existsSync(given);
  if (at < 0 || isName) return [given, undefined];
  const word = given.slice(at + 1);
  if (!words.includes(word))
    throw new CoresetError(`'${given}': after the colon one of ${words.join(', ')} is meant, not '${word}'`);
  return [given.slice(0, at), word];
}

/** More is preferred; a row without a value is preferred to none. */
async function readPreference(given: string, input: RunInput, signal: AbortSignal | undefined): Promise<Float64Array> {
  const { file, rows } = input;
  const [name, order = 'asc'] = await nameAndWord(given, ORDERS, file);
  const sign = order === 'desc' ? 1 : -1;
  if (name === 'length' && !(await isNamed(name, file))) {
    const lengths = await ofTexts('--prefer length', input, (text) => text.length);
    return lengths.map((length) => sign * length);
  }
  if (await isFile(name, file)) return (await readScores(name, rows, signal)).map((score) => sign * score);
  return ranksOf(await valuesOf(await externalField('prefer', name, file), file), sign, name, file);
}

async function valuesOf(path: FieldPath, file: RowFile): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const row of file.read([path.root])) values.push(valuesAt(row, path)[0] ?? null);
  return values;
}

/**
 * The place of each value in the order of numbers, exactly, or of times; of others, such as dates, in that of their characters.
 * Nothing, NaN and empty texts are no values.
 */
function ranksOf(values: unknown[], sign: number, name: string, file: RowFile): Float64Array {
  const wrong = values.findIndex((value) => typeof value === 'object' && value !== null && !(value instanceof Date));
  if (wrong >= 0)
    throw new CoresetError(
      `${file.place(wrong)}, field '${name}' is ${jsonText(values[wrong])}: --prefer takes numbers or texts`,
    );
  const known = values.map((value) => (isNoValue(value) ? undefined : value));
  const numbers = known.map((value) => (value === undefined ? undefined : numberOf(value)));
  const isNumeric = numbers.every((number, row) => number !== undefined || known[row] === undefined);
  const compared: (number | bigint | string | undefined)[] = isNumeric
    ? numbers
    : known.map((value) => (value === undefined ? undefined : String(value)));
  const sorted = [...new Set(compared.filter((value) => value !== undefined))].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(sorted.map((value, place) => [value, place]));
  return Float64Array.from(compared, (value) =>
    value === undefined ? -Number.MAX_VALUE : sign * (places.get(value) ?? 0),
  );
}

function isNoValue(value: unknown): boolean {
  return value === null || /^(nan)?$/i.test(String(value).trim());
}

/** A number, with all digits of a whole one; undefined where it is none. */
function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'bigint') return value;
  const text = String(value).trim();
  if (typeof value === 'string' && /^[+-]?\d{16,}$/.test(text)) return BigInt(text.replace('+', ''));
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

async function readCosts(
  name: string,
  input: RunInput,
  bad: ReadonlySet<number>,
  signal: AbortSignal | undefined,
): Promise<Float64Array | 'tokens'> {
  const { file, rows } = input;
  const isField = await isNamed(name, file);
  if (name === 'tokens' && !isField) {
    if (input.kind !== 'corpus' || input.corpus.content.modality !== 'text')
      throw new CoresetError('--cost tokens needs texts that a model reads; name a field or file of costs');
    return 'tokens';
  }
  const costs =
    name === 'bytes' && !isField
      ? await ofTexts('--cost bytes', input, (text) => Buffer.byteLength(text))
      : await externalScores(name, file, rows, bad, signal, 'cost');
  const wrong = costs.findIndex((cost, row) => !(cost > 0) && !bad.has(row));
  if (wrong >= 0)
    throw new CoresetError(`${file.place(wrong)} costs ${costs[wrong]} by --cost ${name}; costs are above 0`);
  return costs;
}

async function isNamed(name: string, file: RowFile): Promise<boolean> {
  return (await file.fields()).includes(name) || (await isFile(name, file));
}

/** A number for the text of each row; 0 where there is none. */
async function ofTexts(what: string, input: RunInput, measure: (text: string) => number): Promise<Float64Array> {
  const { corpus, rows } = input;
  if (corpus === undefined || corpus.content.modality !== 'text')
    throw new CoresetError(`${what} needs rows with texts; name a field or file`);
  const values = new Float64Array(rows);
  const bad = new Set(corpus.badRows);
  let row = 0;
  for await (const text of corpusItems(corpus)) {
    while (bad.has(row)) row++;
    values[row++] = measure(text);
  }
  return values;
}
