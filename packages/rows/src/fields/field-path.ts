import { CoresetError } from '@coreset/core';
import type { Row } from '../row.js';

/** One step into a value: to a key of an object or map, to an item of a list (negative from its end), to all items. */
export type Step = { key: string } | { index: number } | 'all';

/** Where in a row a value lies, such as `messages[-1].content`. */
export interface FieldPath {
  /** As it was written. */
  text: string;
  /** The column to read. */
  root: string;
  steps: Step[];
}

const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const BARE = /[^.[\]]+/y;
const SUBSCRIPT = /\[\s*(?:(-?\d+)|(\*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*\]/y;

/**
 * Read a field path: names with dots between them, `[0]`, `[-1]` and `[*]` for an item of a list, the last one and all,
 * quotes or `["…"]` around odd names. A column that is named like the path, or like its beginning, wins over the path.
 * @param columns the names of the columns
 * @throws CoresetError that shows where the path is wrong
 */
export function parseFieldPath(text: string, columns: readonly string[] = []): FieldPath {
  const steps: Step[] = [];
  const column = longestColumn(text, columns);
  let at = column?.length ?? 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const fail = (problem: string): never => {
    const rest = at < text.length ? `, before '${text.slice(at)}'` : '';
    throw new CoresetError(
      `field path '${text}': ${problem} at character ${at + 1}${rest}; paths look like doc.body, messages[-1].content, tags[*] or ["odd.name"]`,
    );
  };
  const name = (): string => {
    const quoted = match(QUOTED);
    if (quoted !== null) return unescaped(quoted[1] ?? quoted[2]);
    return match(BARE)?.[0] ?? fail('a name is missing');
  };
  const subscript = (): Step => {
    const found = match(SUBSCRIPT) ?? fail('a number, * or a name in quotes is needed in brackets');
    if (found[1] !== undefined) return { index: Number(found[1]) };
    return found[2] !== undefined ? 'all' : { key: unescaped(found[3] ?? found[4]) };
  };
  let root = column;
  if (root === undefined) {
    const first = text[at] === '[' ? subscript() : { key: name() };
    if (first === 'all' || !('key' in first)) {
      at = 0;
      return fail('it must begin with the name of a column');
    }
    root = first.key;
  }
  while (at < text.length) {
    if (text[at] === '[') steps.push(subscript());
    else if (text[at] === '.') {
      at++;
      steps.push({ key: name() });
    } else fail("'.' or '[' is needed");
  }
  return { text, root, steps };
}

function longestColumn(text: string, columns: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const column of columns) {
    const next = text[column.length];
    const begins = text.startsWith(column) && (next === undefined || next === '.' || next === '[');
    if (begins && column.length > (longest?.length ?? 0)) longest = column;
  }
  return longest;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

/**
 * The values that a path leads to: one, or with `[*]` any number; none where something on the way is missing. A path
 * that goes on into a text reads it as JSON.
 */
export function valuesAt(row: Row, { root, steps }: FieldPath): unknown[] {
  const value = Object.hasOwn(row, root) ? row[root] : undefined;
  return value === undefined ? [] : valuesFrom(value, steps, 0);
}

function valuesFrom(value: unknown, steps: Step[], from: number): unknown[] {
  let found = value;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i];
    found = unpacked(found);
    if (step === 'all') return Array.isArray(found) ? found.flatMap((item) => valuesFrom(item, steps, i + 1)) : [];
    found = 'index' in step ? itemOf(found, step.index) : memberOf(found, step.key);
    if (found === undefined) return [];
  }
  return [found];
}

function itemOf(value: unknown, index: number): unknown {
  return Array.isArray(value) ? value.at(index) : undefined;
}

function memberOf(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    if (isMap(value)) return value.find((entry) => String(entry.key) === key)?.value;
    return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  }
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Whether a list is what a map column becomes. */
export function isMap(list: unknown[]): list is { key: unknown; value: unknown }[] {
  return list.length > 0 && list.every((entry) => isObject(entry) && Object.keys(entry).sort().join() === 'key,value');
}

/** Whether a value has keys: no list, no bytes. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A text that holds JSON as what it holds; anything else as it is. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
