import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { CoresetError, FirstRows, type OnProgress, type Repeats, range } from '@coreset/core';
import type { Modality } from '@coreset/embedder';
import { openRows, type Row, type RowFile } from '@coreset/rows';
import { hashFile } from './hash.js';
import { describe, type Finding, inspectAhead, inspectImage, inspectText } from './inspect-row.js';

/** What becomes of a row that has nothing to embed. */
export type OnBadRow = 'fail' | 'skip' | 'keep';

export const ON_BAD_ROW: OnBadRow[] = ['fail', 'skip', 'keep'];

/** Which fields of the rows to use. */
export interface CorpusOptions {
  /** Field with the text to embed. Default: `text`, or the only field there is. */
  text?: string;
  /** Field with the path of an image file, to embed images in place of texts. Default: `image` of a folder. */
  image?: string;
  /** The folder that paths of images are relative to. Default: that of the file, or the folder that is the input. */
  imageFolder?: string;
  /** Field with a unique id. Default: `id` where there is one; the path of images in a folder. */
  id?: string;
  /** A row without text, or without its image file: stop (`fail`), leave it out (`skip`), or keep it without embedding it (`keep`). Default: `fail`. */
  onBadRow?: OnBadRow;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A corpus that has been read once and found in order. */
export interface Corpus {
  file: RowFile;
  /** What is embedded, and the field that it is in. */
  modality: Modality;
  field: string;
  /** The folder that paths of images are relative to. */
  imageFolder: string;
  /** SHA-256 of the paths, sizes and times of change of all images; undefined where there are texts. */
  images: string | undefined;
  idField: string | undefined;
  /** Rows of the file. */
  rows: number;
  /** Rows of the file with nothing to embed, ascending. */
  badRows: number[];
  onBadRow: OnBadRow;
  /** Of the rows with something to embed, counted without the others, the first with the same; undefined where all differ. */
  repeats: Repeats | undefined;
  /** Characters of all different texts together, 0 of images. */
  characters: number;
}

/** White space as one space, none at the ends: texts that differ in it alone are the same row. */
export function normaliseText(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

async function chooseFields(
  file: RowFile,
  options: CorpusOptions,
): Promise<{ field: string; idField: string | undefined }> {
  const fields = await file.fields();
  const listed = fields.slice(0, 20).join(', ');
  const require = (field: string, option: string): string => {
    // A later JSONL row may have fields that the first one lacks, but a name that the first lacks is most likely a slip.
    if (!fields.includes(field))
      throw new CoresetError(`${file.path}: there is no field '${field}' (${option}); the fields are ${listed}`);
    return field;
  };
  let field = 'text';
  if (options.text !== undefined && options.image !== undefined)
    throw new CoresetError('--text and --image both name what is embedded; give one of them');
  if (options.image !== undefined) field = require(options.image, '--image');
  else if (options.text !== undefined) field = require(options.text, '--text');
  else if (!fields.includes(field)) {
    if (fields.length === 0) throw new CoresetError(`${file.path} has no rows`);
    if (fields.length !== 1)
      throw new CoresetError(
        `${file.path}: there is no field 'text'; name the field to embed with --text (the fields are ${listed})`,
      );
    field = fields[0];
  }
  const usualId = fields.includes('id') && field !== 'id' ? 'id' : undefined;
  return { field, idField: options.id === undefined ? usualId : require(options.id, '--id') };
}

/** The images of a folder are what is embedded, and told by their paths. */
function withDefaults(file: RowFile, options: CorpusOptions): CorpusOptions & { imageFolder: string } {
  if (file.format !== 'folder') return { ...options, imageFolder: options.imageFolder ?? dirname(file.path) };
  const { image = options.text === undefined ? 'image' : undefined, imageFolder = file.path, id = 'image' } = options;
  return { ...options, image, imageFolder, id };
}

const ROWS_BETWEEN_REPORTS = 10_000;

/**
 * Read a corpus once from end to end, so that whatever is wrong with it is said before any work is done.
 * @throws CoresetError naming the line or row
 */
export async function openCorpus(path: string, given: CorpusOptions = {}): Promise<Corpus> {
  const file = openRows(path);
  const options = withDefaults(file, given);
  const { onBadRow = 'fail' } = options;
  if (!ON_BAD_ROW.includes(onBadRow))
    throw new CoresetError(`on-bad-row '${onBadRow}' is not known; use one of ${ON_BAD_ROW.join(', ')}`);
  const { field, idField } = await chooseFields(file, options);
  const modality = options.image === undefined ? 'text' : 'image';
  const imageFolder = resolve(options.imageFolder);
  const images = createHash('sha256');
  const badRows: number[] = [];
  const ids = await FirstRows.create();
  const items = await FirstRows.create();
  let rows = 0;
  let characters = 0;
  const take = (row: Row, finding: Finding): void => {
    if (finding.problem !== undefined) {
      if (onBadRow === 'fail') {
        throw new CoresetError(
          `${path}: row ${rows} has no ${modality}, field '${field}' is ${finding.problem}; mend it or choose --on-bad-row skip or keep`,
        );
      }
      badRows.push(rows);
    } else if (items.add(itemOf(row[field] as string, modality, imageFolder))) {
      characters += finding.characters;
    }
    if (modality === 'image') images.update(finding.fingerprint);
    if (idField !== undefined) ids.add(requireId(row, idField, rows, path));
    rows++;
    if (rows % ROWS_BETWEEN_REPORTS === 0) {
      options.signal?.throwIfAborted();
      options.onProgress?.({ stage: 'read', done: rows });
    }
  };
  const read = file.read(fieldsRead(field, idField));
  if (modality === 'text') for await (const row of read) take(row, inspectText(row[field]));
  else await inspectAhead(read, (row) => inspectImage(row[field], imageFolder), take);
  if (rows === 0) throw new CoresetError(`${path} has no rows`);
  if (idField !== undefined && ids.repeated > 0) await requireDistinctIds(file, idField);
  return {
    file,
    modality,
    field,
    imageFolder,
    images: modality === 'image' ? images.digest('hex') : undefined,
    idField,
    rows,
    badRows,
    onBadRow,
    repeats: items.repeats(),
    characters,
  };
}

/** The fields that hold what is embedded of a row and its id. */
export function fieldsRead(field: string, idField: string | undefined): string[] {
  return idField === undefined ? [field] : [field, idField];
}

/** A row's id as text. */
export function idOf(row: Row, idField: string): string | undefined {
  const id = row[idField];
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}

function requireId(row: Row, idField: string, number: number, path: string): string {
  const id = idOf(row, idField);
  if (id === undefined)
    throw new CoresetError(
      `${path}: row ${number}, field '${idField}' is ${describe(row[idField])}; an id is a text or a number`,
    );
  return id;
}

async function requireDistinctIds(file: RowFile, idField: string): Promise<void> {
  const seen = new Map<string, number>();
  let number = 0;
  for await (const row of file.read([idField])) {
    const id = requireId(row, idField, number, file.path);
    const first = seen.get(id);
    if (first !== undefined)
      throw new CoresetError(
        `${file.path}: rows ${first} and ${number} have the same id '${id}'; ids must be unique (another field can be named with --id)`,
      );
    seen.set(id, number++);
  }
}

/** What is embedded, in order: texts with white space normalised, or paths of images; bad rows left out. */
export async function* corpusItems({
  file,
  modality,
  field,
  imageFolder,
  badRows,
}: Corpus): AsyncGenerator<string, void, undefined> {
  const bad = new Set(badRows);
  let number = 0;
  for await (const row of file.read([field])) {
    if (bad.has(number++)) continue;
    yield itemOf(row[field] as string, modality, imageFolder);
  }
}

function itemOf(value: string, modality: Modality, imageFolder: string): string {
  return modality === 'text' ? normaliseText(value) : resolve(imageFolder, value);
}

/** Rows with something to embed. */
export function embeddedCount({ rows, badRows }: Corpus): number {
  return rows - badRows.length;
}

/** The input row of each embedded row. */
export function embeddedRows({ rows, badRows }: Corpus): Int32Array {
  const bad = new Set(badRows);
  return range(0, rows).filter((row) => !bad.has(row));
}

/** SHA-256 of a corpus's file; of a folder that of its images. */
export function corpusHash({ file, images }: Corpus): string {
  return file.format === 'folder' && images !== undefined ? images : hashFile(file.path);
}
