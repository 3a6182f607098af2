import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { CoresetError, fileError, type RunOptions, readNpy, readNpyHeader } from '@coreset/core';
import { type FieldPath, jsonText, parseJson, type Row, type RowFile, valuesAt } from '@coreset/rows';
import { externalField, isFile } from './external.js';
import { idOf } from './ids.js';

/** Where rows are named from. */
export interface RowListInput {
  file: RowFile;
  rows: number;
  idField: FieldPath | undefined;
}

/**
 * Rows that a field of the input marks, or that a file lists: ids or, where rows have none, row numbers (`.txt` a line each,
 * `.json`, `.jsonl`, there also rows with their ids; `.npy` row numbers), or a mask with a mark for each row (`.npy`, `.json`,
 * `.txt`). These are the files that `--emit ids` and `--emit mask` write.
 *
 * @param what the option
 * @returns rows in the order of a file, or of the input
 * @throws CoresetError when the name is neither, or nothing that it lists is a row
 */
export async function readRowList(
  what: string,
  name: string,
  input: RowListInput,
  { onNotice }: Pick<RunOptions, 'onNotice'> = {},
): Promise<Int32Array> {
  const { file, rows, idField } = input;
  if (!(await isFile(name, file))) return Int32Array.from(await markedRows(what, name, file));
  const ids = idField && { field: idField, rowOf: await rowsById(file, idField) };
  return rowsListedIn(what, name, rows, onNotice, ids);
}

const YES = new Set(['true', '1', 'yes']);
const NO = new Set(['false', '0', 'no', '', 'null']);

async function markedRows(what: string, name: string, file: RowFile): Promise<number[]> {
  const path = await externalField(what, name, file);
  const rows: number[] = [];
  let row = 0;
  for await (const values of file.read([path.root])) {
    const [value = null] = valuesAt(values, path);
    const text = String(value).toLowerCase();
    if (YES.has(text)) rows.push(row);
    else if (!NO.has(text))
      throw new CoresetError(
        `${file.place(row)}, field '${name}' is ${jsonText(value)}: --${what} takes a field of true and false`,
      );
    row++;
  }
  return rows;
}

/**
 * Rows that a file lists by their numbers, or where they have ids by these, or by a mark for each row.
 * @throws CoresetError when nothing that it lists is a row
 */
export function rowsListedIn(
  what: string,
  path: string,
  rows: number,
  onNotice: RunOptions['onNotice'],
  ids?: { field: FieldPath; rowOf: (entry: string) => number | undefined },
): Int32Array {
  const entries = readEntries(path, ids?.field);
  const rowOf = ids?.rowOf ?? rowNumbers(rows);
  if (entries.length === 0) onNotice?.(`${path}: it lists nothing, so that --${what} names no row`);
  const marks = marksOf(entries, path, rows, ids?.rowOf);
  if (marks !== undefined) return Int32Array.from(marks.flatMap((mark, row) => (mark ? [row] : [])));
  const found: number[] = [];
  const unknown: string[] = [];
  for (const entry of entries) {
    const row = rowOf(String(entry)) ?? rowOf(String(entry).trim());
    if (row === undefined) unknown.push(String(entry));
    else found.push(row);
  }
  const kind =
    ids === undefined
      ? `row numbers from 0 to ${rows - 1}`
      : `ids of field '${ids.field.text}' (row numbers with --id none)`;
  if (entries.length > 0 && found.length === 0)
    throw new CoresetError(
      `${path}: none of its ${entries.length} entries is a row, the first is '${unknown[0].slice(0, 60)}'; --${what} takes ${kind}, or a mark for each row`,
    );
  if (unknown.length > 0)
    onNotice?.(
      `${path}: ${unknown.length} of its ${entries.length} entries are no rows of the input, the first: '${unknown[0].slice(0, 60)}'`,
    );
  return Int32Array.from(new Set(found));
}

/** What a file lists: numbers, texts, or marks. */
type Entry = string | number | bigint | boolean;

function readEntries(path: string, idField: FieldPath | undefined): Entry[] {
  const extension = extname(path).toLowerCase();
  if (extension === '.npy') return npyEntries(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError('read', path, error);
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (extension !== '.json' && extension !== '.jsonl') return lines.filter((line) => line.trim() !== '');
  if (extension === '.jsonl')
    return lines.flatMap((line, at) => {
      const place = `${path}, line ${at + 1}`;
      return line.trim() === '' ? [] : [entryOf(parsed(line, place), idField, place)];
    });
  const list = parsed(text, path);
  if (!Array.isArray(list)) throw new CoresetError(`${path}: it is no list of ids, row numbers or marks`);
  return list.map((value, at) => entryOf(value, idField, `${path}, entry ${at + 1}`));
}

function npyEntries(path: string): Entry[] {
  const { data, shape } = readNpy(path);
  const isMask = readNpyHeader(path).descr.endsWith('b1');
  if (shape.length !== 1)
    throw new CoresetError(`${path}: a one-dimensional array is needed, this one is (${shape.join(', ')})`);
  if (data instanceof Float32Array || data instanceof Float64Array)
    throw new CoresetError(`${path}: row numbers or marks are needed, these are floating-point numbers`);
  return Array.from(data as ArrayLike<number | bigint>, (entry) => (isMask ? entry === 1 : entry));
}

function parsed(text: string, place: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new CoresetError(`${place}: it is no JSON`);
  }
}

function entryOf(value: unknown, idField: FieldPath | undefined, place: string): Entry {
  if (typeof value !== 'object' && value !== undefined) return value as Entry;
  const id = typeof value === 'object' && value !== null && idField ? idOf(value as Row, idField) : undefined;
  if (id === undefined) throw new CoresetError(`${place}: it is no id, row number or mark`);
  return id;
}

const MARKS: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

/**
 * Entries as a mark for each row; undefined where they are ids or row numbers. Few different ones are ids or numbers where they
 * all name rows, and more are marks, since a row is listed once.
 * @throws CoresetError when there is not one for each row, or they could be either
 */
function marksOf(
  entries: Entry[],
  path: string,
  rows: number,
  byId: ((entry: string) => number | undefined) | undefined,
): boolean[] | undefined {
  if (entries.length === 0) return undefined;
  const marks = entries.map((entry) => MARKS[String(entry).trim().toLowerCase()]);
  if (marks.includes(undefined as never)) return undefined;
  const isCertain = entries.some((entry) => typeof entry === 'boolean' || /[a-z]/i.test(String(entry)));
  if (!isCertain && new Set(entries.map(String)).size === entries.length) {
    if (byId && entries.every((entry) => byId(String(entry)) !== undefined)) return undefined;
    if (entries.length !== rows) return undefined;
    throw new CoresetError(`${path}: its entries could be marks or rows; write marks as true and false`);
  }
  if (entries.length !== rows)
    throw new CoresetError(`${path} has ${entries.length} marks for ${rows} rows; one for each row is needed`);
  return marks;
}

function rowNumbers(rows: number): (entry: string) => number | undefined {
  return (entry) => {
    const row = /^\d+$/.test(entry) ? Number(entry) : Number.NaN;
    return row < rows ? row : undefined;
  };
}

async function rowsById(file: RowFile, idField: FieldPath): Promise<(entry: string) => number | undefined> {
  const rows = new Map<string, number>();
  let number = 0;
  for await (const row of file.read([idField.root])) {
    const id = idOf(row, idField);
    if (id !== undefined && !rows.has(String(id))) rows.set(String(id), number);
    number++;
  }
  return (entry) => rows.get(entry);
}
