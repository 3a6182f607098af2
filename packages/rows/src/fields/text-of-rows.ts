import { CoresetError, requireKnownOptions } from '@coreset/core';
import type { Row } from '../row.js';
import { chatText, isChat, TURNS, type Turns } from './chat.js';
import { type FieldPath, isObject, parseFieldPath, valuesAt } from './field-path.js';
import { requireField } from './require-field.js';
import { fillTemplate, parseTemplate } from './template.js';
import { isFilled, looseText, strictText, type TextFinding } from './value-text.js';

/** What of the rows is embedded. */
export interface TextOptions {
  /** Field paths, whose texts are joined in order with a line break. Default: see {@link textOfRows}. */
  text?: string | string[];
  /** A text with `{path}` where fields belong, in place of `text`. */
  template?: string;
  /** Which turns of chat rows count. Default: `all`. */
  turns?: Turns;
  /** Name of the file, for messages. */
  source?: string;
}

/** Every option of {@link TextOptions}. */
export const TEXT_OPTIONS: Readonly<Record<keyof TextOptions, true>> = {
  text: true,
  template: true,
  turns: true,
  source: true,
};

/** How the text of each row is found. */
export interface RowText {
  /** What is embedded, for people: "text", "title + body", "messages (user turns)". */
  label: string;
  /** The columns that hold it. */
  columns: string[];
  textOf(row: Row): TextFinding;
}

/** A field whose text is known how to find. */
interface TextField {
  path: FieldPath;
  isChat: boolean;
}

/**
 * Decide how the text of rows is found: as the options say; else the field `text`; else a field `messages`,
 * `conversations` or `conversation` that holds chats; else the only field that holds texts; else `content` or `body`
 * where just one of them is there.
 *
 * A line of a template that consists of empty fields alone is left out. Of several fields the empty ones are. The turns
 * of a chat are joined with a blank line, without roles.
 * @param fields all fields of the rows
 * @param firstRows some rows from the beginning, with all fields
 * @throws CoresetError when a field is not there, several would do, or an option is wrong
 */
export function textOfRows(options: TextOptions, fields: readonly string[], firstRows: readonly Row[]): RowText {
  requireKnownOptions('textOfRows', options, TEXT_OPTIONS);
  const { template, turns = 'all', source } = options;
  const prefix = source === undefined ? '' : `${source}: `;
  if (!TURNS.includes(turns)) throw new CoresetError(`turns '${turns}' is not known; use one of ${TURNS.join(', ')}`);
  const named = typeof options.text === 'string' ? [options.text] : (options.text ?? []);
  if (template !== undefined && named.length > 0)
    throw new CoresetError('--text and --template both say what is embedded; give one of them');
  const parsed = template === undefined ? undefined : parseTemplate(template);
  const option = parsed === undefined ? '--text' : '--template';
  const names = parsed?.fields ?? (named.length > 0 ? named : [defaultField(fields, firstRows, prefix)]);
  const chosen = names.map((name): TextField => {
    const path = parseFieldPath(name, fields);
    requireField(path, fields, firstRows, option, prefix);
    return { path, isChat: holdsChats(firstRows, (row) => valuesAt(row, path)) };
  });
  if (options.turns !== undefined && !chosen.some((field) => field.isChat))
    throw new CoresetError(
      `${prefix}--turns counts for chats alone, and ${names.join(', ')} holds none: a list of {role, content} or {from, value}`,
    );
  const columns = [...new Set(chosen.map(({ path }) => path.root))];
  const label = chosen.map((field) => labelOf(field, turns));
  if (parsed !== undefined)
    return {
      label: `template of ${label.join(', ')}`,
      columns,
      textOf: (row) => together(row, chosen, turns, (texts) => fillTemplate(parsed, texts)),
    };
  if (chosen.length === 1) return { label: label[0], columns, textOf: singleText(chosen[0], turns) };
  const join = (texts: string[]): string => texts.filter(isFilled).join('\n');
  return { label: label.join(' + '), columns, textOf: (row) => together(row, chosen, turns, join) };
}

function labelOf({ path, isChat }: TextField, turns: Turns): string {
  if (!isChat) return path.text;
  return `${path.text} (${turns === 'last' ? 'last turn' : `${turns} turns`})`;
}

function singleText({ path, isChat }: TextField, turns: Turns): (row: Row) => TextFinding {
  if (isChat) return (row) => turnsText(row, path, turns);
  if (path.steps.length > 0) return (row) => strictText(valuesAt(row, path), path.text);
  return (row) => {
    const value = row[path.root];
    return typeof value === 'string' && isFilled(value) ? { text: value } : strictText(valuesAt(row, path), path.text);
  };
}

function turnsText(row: Row, path: FieldPath, turns: Turns): TextFinding {
  const chats = valuesAt(row, path);
  if (chats.every((chat) => chat === null)) return strictText(chats, path.text);
  const texts: string[] = [];
  for (const chat of chats) {
    const text = chat === null ? '' : chatText(chat, turns);
    if (text === undefined) return { problem: `field '${path.text}' is no list of turns with role and content` };
    if (text !== '') texts.push(text);
  }
  if (texts.length > 0) return { text: texts.join('\n\n') };
  const which = turns === 'last' ? 'in its last turn' : turns === 'all' ? 'in any turn' : `in a turn of the ${turns}`;
  return { problem: `field '${path.text}' has no text ${which}` };
}

/** The texts of several fields put together; a row is bad where all of them are empty, or one is a list or an object. */
function together(row: Row, chosen: TextField[], turns: Turns, put: (texts: string[]) => string): TextFinding {
  const texts: string[] = [];
  for (const { path, isChat } of chosen) {
    const values = valuesAt(row, path);
    if (isChat) texts.push(values.map((chat) => chatText(chat, turns) ?? '').join('\n\n'));
    else {
      const { text, problem } = looseText(values, path.text);
      if (problem !== undefined) return { problem };
      texts.push(text);
    }
  }
  if (texts.some(isFilled)) return { text: put(texts) };
  const names = chosen.map(({ path }) => `'${path.text}'`).join(', ');
  return { problem: chosen.length === 1 ? `field ${names} is empty` : `the fields ${names} are all empty` };
}

/** Whether values are chats: at least one, and all that are there. */
function holdsChats(rows: readonly Row[], valuesOf: (row: Row) => unknown[]): boolean {
  const values = rows.flatMap(valuesOf).filter((value) => value !== null && !isEmpty(value));
  return values.length > 0 && values.every(isChat);
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

const CHAT_FIELDS = ['messages', 'conversations', 'conversation'];
const USUAL_FIELDS = ['content', 'body'];
const ID_FIELD = /^_*(id|uuid|guid)$/i;

/** Whether a text is but a number, as those in the number columns of a CSV file are. */
function isNumeral(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value.replace(',', '.')));
}

/** Paths to texts one step inside of fields that hold objects. */
function nestedTexts(fields: readonly string[], rows: readonly Row[]): string[] {
  const paths = new Set<string>();
  for (const row of rows)
    for (const field of fields) {
      const value = row[field];
      if (!isObject(value)) continue;
      for (const [key, inner] of Object.entries(value))
        if (typeof inner === 'string' && /^\w+$/.test(key)) paths.add(`${field}.${key}`);
    }
  return [...paths];
}

function defaultField(fields: readonly string[], rows: readonly Row[], prefix: string): string {
  if (fields.includes('text')) return 'text';
  if (fields.length === 0) throw new CoresetError(`${prefix}there are no rows`);
  const ownValues = (field: string): ((row: Row) => unknown[]) => {
    const path: FieldPath = { text: field, root: field, steps: [] };
    return (row) => valuesAt(row, path);
  };
  const chats = CHAT_FIELDS.filter((field) => fields.includes(field) && holdsChats(rows, ownValues(field)));
  if (chats.length === 1) return chats[0];
  const holdsText = (field: string): boolean => {
    const values = rows.flatMap(ownValues(field)).filter((value) => value !== null && value !== '');
    return values.length > 0 && values.every((value) => typeof value === 'string') && !values.every(isNumeral);
  };
  const texts = [...new Set(fields)].filter((field) => field !== '' && !ID_FIELD.test(field) && holdsText(field));
  if (chats.length === 0) {
    if (texts.length === 1) return texts[0];
    const usual = USUAL_FIELDS.filter((field) => texts.includes(field));
    if (usual.length === 1) return usual[0];
    if (fields.length === 1) return fields[0];
  }
  const candidates = [...chats, ...texts];
  const inner = candidates.length === 0 ? nestedTexts(fields, rows) : [];
  const listed = [candidates, inner, fields].find(({ length }) => length > 0)?.slice(0, 20) ?? [];
  const what =
    candidates.length > 0
      ? 'several others hold text'
      : inner.length > 0
        ? 'texts lie inside of others'
        : 'none holds text alone';
  const template = listed.slice(0, 3).map((field) => `{${field}}`);
  throw new CoresetError(
    `${prefix}there is no field 'text' and ${what} (${listed.join(', ')}); name what to embed with --text, which may be given several times, or --template "${template.join('\\n')}"`,
  );
}
