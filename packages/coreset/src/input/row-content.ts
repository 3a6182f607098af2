import { dirname, resolve } from 'node:path';
import { CoresetError, pickOptions, type RunOptions } from '@coreset/core';
import {
  describeValue,
  type FieldPath,
  parseFieldPath,
  type Row,
  type RowFile,
  type RowText,
  requireField,
  TEXT_OPTIONS,
  textOfRows,
  valuesAt,
  vectorOf,
} from '@coreset/rows';
import type { CorpusOptions } from './corpus-options.js';

/** What a row gives: a text or the path of an image, or a clause that says why there is none. */
export interface Content {
  value: string;
  problem?: string;
}

/** What is embedded of a row, or in place of that its vector. */
export interface RowContent {
  modality: 'text' | 'image' | 'vector' | 'none';
  /** For people: which fields. */
  label: string;
  /** The options that led to it. */
  source: unknown;
  /** The columns that are read for it. */
  columns: string[];
  /** The folder that paths of images are relative to. */
  folder: string;
  of(row: Row): Content;
  /** How the text is found, where it is a text. */
  rowText?: RowText;
  /** The vector of a row, of rows that have vectors. */
  vectorPath?: FieldPath;
}

/** So many rows from the beginning show what a field holds. */
const FIRST_ROWS = 100;

/** Options of which each says what is embedded. */
const CHOICES = ['text', 'template', 'image', 'vector', 'embeddings'] as const;

/**
 * Decide what is embedded, and tell where it is not the field `text` and nobody asked for it.
 * @throws CoresetError when a field is not there, several would do, or options contradict each other
 */
export async function chooseContent(
  file: RowFile,
  options: CorpusOptions,
  onNotice: RunOptions['onNotice'],
): Promise<RowContent> {
  requireNoContradiction(options);
  const { image = file.format === 'folder' ? 'image' : undefined } = options;
  const isFolder = file.format === 'folder';
  const folder = resolve(options.imageFolder ?? (isFolder ? file.path : dirname(file.parts[0].path)));
  if (isFolder && options.text === undefined && options.template === undefined) {
    return imageContent({ text: 'image', root: 'image', steps: [] }, folder);
  }
  const fields = await file.fields();
  const firstRows = await beginning(file, fields);
  if (image !== undefined) return imageContent(pathOf(image, '--image', file, fields, firstRows), folder);
  if (options.vector !== undefined)
    return vectorContent(pathOf(options.vector, '--vector', file, fields, firstRows), folder);
  try {
    const rowText = textOfRows({ ...pickOptions(options, TEXT_OPTIONS), source: file.path }, fields, firstRows);
    const { label, columns, textOf } = rowText;
    const of = (row: Row): Content => {
      const { text, problem } = textOf(row);
      return problem === undefined ? { value: text.trim() } : { value: '', problem };
    };
    // Vectors that are there need no text; one that is found is shown.
    const modality = options.embeddings === undefined ? 'text' : 'none';
    const { text, template, turns } = options;
    if (modality === 'text' && text === undefined && template === undefined && label !== 'text' && fields.length > 1)
      onNotice?.(`what is embedded is ${label}; --text names another field`);
    return {
      modality,
      label,
      source: { text, template, turns },
      columns,
      folder,
      rowText,
      of: modality === 'none' ? (row) => ({ value: of(row).value }) : of,
    };
  } catch (error) {
    if (options.embeddings === undefined || options.text !== undefined || options.template !== undefined) throw error;
    return { modality: 'none', label: '', source: undefined, columns: [], folder, of: () => ({ value: '' }) };
  }
}

function requireNoContradiction(options: CorpusOptions): void {
  const given = CHOICES.filter((name) => options[name] !== undefined);
  const sources = given.filter((name) => name !== 'text' && name !== 'template');
  const isShown = sources.length === 1 && sources[0] === 'embeddings';
  if (given.length > 1 && !(isShown && given.length === 2))
    throw new CoresetError(`--${given.join(' and --')} each say what is embedded; give one of them`);
}

/** Some rows from the beginning, with all fields. */
async function beginning(file: RowFile, fields: string[]): Promise<Row[]> {
  const rows: Row[] = [];
  const named = fields.filter((field, i) => fields.indexOf(field) === i && fields.lastIndexOf(field) === i);
  for await (const batch of file.batches(named)) {
    rows.push(...batch.slice(0, FIRST_ROWS - rows.length));
    if (rows.length === FIRST_ROWS) break;
  }
  return rows;
}

function pathOf(text: string, option: string, file: RowFile, fields: string[], firstRows: Row[]): FieldPath {
  const path = parseFieldPath(text, fields);
  requireField(path, fields, firstRows, option, `${file.path}: `);
  return path;
}

function imageContent(path: FieldPath, folder: string): RowContent {
  return {
    modality: 'image',
    label: path.text,
    source: path.text,
    columns: [path.root],
    folder,
    of(row): Content {
      const [value] = valuesAt(row, path);
      if (typeof value === 'string' && value.trim() !== '') return { value };
      return { value: '', problem: `field '${path.text}' is ${isPicture(value) ? PICTURE : describeValue(value)}` };
    },
  };
}

const PICTURE = 'an image itself, of which only files are read: write them to a folder and name their paths';

/** Bytes, or what `datasets` makes of an image: `{ bytes, path }`. */
function isPicture(value: unknown): boolean {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
  return ArrayBuffer.isView(bytes);
}

function vectorContent(path: FieldPath, folder: string): RowContent {
  let width: number | undefined;
  return {
    modality: 'vector',
    label: path.text,
    source: path.text,
    columns: [path.root],
    folder,
    vectorPath: path,
    of(row): Content {
      const vector = vectorOf(valuesAt(row, path));
      if (typeof vector === 'string') return { value: '', problem: `field '${path.text}' ${vector}` };
      width ??= vector.length;
      if (vector.length === width) return { value: '' };
      return { value: '', problem: `field '${path.text}' has ${vector.length} numbers, others have ${width}` };
    },
  };
}
