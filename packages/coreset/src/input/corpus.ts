import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CoresetError, type DiagnosticValue, diagnose, hashFile, type RunOptions, range } from '@coreset/core';
import { DistinctTexts, type Repeats } from '@coreset/embedder';
import type { FieldPath, OpenOptions, Row, RowFile } from '@coreset/rows';
import { hashValue } from '../run/hash.js';
import { type CorpusOptions, ON_BAD_ROW, type OnBadRow } from './corpus-options.js';
import { FileWatch } from './file-watch.js';
import { chooseId, IdCheck } from './ids.js';
import { ahead, type ImageFile, type ImageFinding, imageFingerprint, inspectImage } from './inspect-image.js';
import { Letters } from './letters.js';
import { chooseContent, type RowContent } from './row-content.js';

/** A corpus that has been read once and found in order. */
export interface Corpus {
  file: RowFile;
  /** Its files, as they were before they were read. */
  watch: FileWatch;
  /** How it was asked to be read. */
  opened: Pick<OpenOptions, 'delimiter' | 'encoding'>;
  /** What is embedded of a row. */
  content: RowContent;
  /** SHA-256 of the paths, sizes and times of change of all images; undefined where there are none. */
  images: string | undefined;
  /** Those of the rows that have one. */
  imageFiles: ImageFile[];
  idField: FieldPath | undefined;
  /** Rows of the input. */
  rows: number;
  /** Rows with nothing to embed or that cannot be read, ascending. */
  badRows: number[];
  onBadRow: OnBadRow;
  /** Of the rows with something to embed, counted without the others, the first with the same; undefined where all differ. */
  repeats: Repeats | undefined;
  /** Of the different texts how many have each number of characters. */
  textLengths: ReadonlyMap<number, number>;
  /** Most letters of the first texts are Latin. */
  isLatin: boolean;
  /** The first row whose text has line breaks; undefined where none has. */
  firstWithLines: number | undefined;
}

const ROWS_BETWEEN_REPORTS = 10_000;

/**
 * Read a corpus once from end to end, so that whatever is wrong with it is said before any work is done.
 * @param broken what could not be read of each row that the file reads as an empty one
 * @throws CoresetError naming the line or row
 */
export async function openCorpus(
  file: RowFile,
  options: CorpusOptions,
  { signal, onProgress, onNotice, onDiagnostics }: RunOptions = {},
  broken: string[] = [],
): Promise<Corpus> {
  const { onBadRow = 'fail' } = options;
  const watch = new FileWatch(file.format === 'folder' ? [] : file.parts.map(({ path }) => path));
  if (!ON_BAD_ROW.includes(onBadRow))
    throw new CoresetError(`on-bad-row '${onBadRow}' is not known; use one of ${ON_BAD_ROW.join(', ')}`);
  const content = await chooseContent(file, options, onNotice);
  broken.length = 0; // what is broken among the first rows is read again
  const asked = options.id ?? (file.format === 'folder' ? 'image' : undefined);
  const idField = await chooseId(file, asked, content.columns);
  const ids = idField && (await IdCheck.create(idField));
  const texts = await DistinctTexts.create();
  const images: ImageFile[] = [];
  const fingerprint = createHash('sha256');
  const badRows: number[] = [];
  let firstBad = '';
  let rows = 0;
  const textLengths = new Map<number, number>();
  const letters = new Letters();
  let firstWithLines: number | undefined;
  const take = (row: Row, image: ImageFinding | undefined): void => {
    const found = content.of(row);
    const problem =
      found.problem ?? (image && 'problem' in image ? `field '${content.label}' is ${image.problem}` : undefined);
    if (problem !== undefined) {
      const line = `${file.place(rows)} has no ${content.modality}, ${problem}`;
      if (onBadRow === 'fail') throw new CoresetError(`${line}; mend it or choose --on-bad-row skip or keep`);
      badRows.push(rows);
      firstBad ||= line;
    } else if (image && 'path' in image) {
      images.push(image);
      fingerprint.update(imageFingerprint(found.value, image));
    } else if (content.modality === 'text' && texts.add(comparedText(found.value))) {
      const { length } = found.value;
      letters.see(found.value);
      textLengths.set(length, (textLengths.get(length) ?? 0) + 1);
      if (firstWithLines === undefined && /[\r\n]/.test(found.value)) firstWithLines = rows;
    }
    ids?.take(row, file.place);
    rows++;
    if (rows % ROWS_BETWEEN_REPORTS === 0) {
      signal?.throwIfAborted();
      onProgress?.({ stage: 'read', done: rows });
    }
  };
  const read = file.read(columnsRead(content, idField?.path));
  if (content.modality !== 'image') for await (const row of read) take(row, undefined);
  else for await (const { item, found } of ahead(read, (row) => imageOf(content, row))) take(item, found);
  if (rows === 0) throw new CoresetError(`${file.path} has no rows`);
  if (badRows.length > 0) onNotice?.(badRowsNotice(broken, badRows.length, firstBad, onBadRow));
  const { delimiter, encoding } = options;
  const rowsRead = { delimiter, encoding, onBadRow, badRows: badRows.length };
  diagnose({ onDiagnostics }, 'embed', { ...contentDiagnostics(content), ...rowsRead });
  return {
    file,
    watch,
    opened: { delimiter, encoding },
    content,
    images: content.modality === 'image' ? fingerprint.digest('hex') : undefined,
    imageFiles: images,
    idField: await ids?.finish(file, onNotice),
    rows,
    badRows,
    onBadRow,
    repeats: content.modality === 'image' ? await repeatedImages(images, signal) : texts.repeats(),
    textLengths,
    isLatin: letters.areLatin,
    firstWithLines,
  };
}

/** What is embedded of each row. */
function contentDiagnostics({
  modality,
  label,
  columns,
  source,
}: RowContent): Record<string, DiagnosticValue | undefined> {
  const { template, turns } = (typeof source === 'object' && source !== null ? source : {}) as CorpusOptions;
  return { modality, field: label, columns, template, turns };
}

async function imageOf(content: RowContent, row: Row): Promise<ImageFinding | undefined> {
  const { problem, value } = content.of(row);
  return problem === undefined ? inspectImage(value, content.folder) : undefined;
}

function badRowsNotice(broken: string[], count: number, first: string, onBadRow: OnBadRow): string {
  const done = onBadRow === 'skip' ? 'left out' : 'kept without being embedded';
  const unreadable = broken.length > 0 ? `; ${broken.length} cannot be read, the first: ${broken[0]}` : '';
  return `${count} ${count === 1 ? 'row has' : 'rows have'} nothing to embed and ${count === 1 ? 'is' : 'are'} ${done}, the first: ${first}${unreadable}`;
}

/** Texts are the same row when they differ in line ends, or in white space at their beginning or end, alone. */
export function comparedText(text: string): string {
  return text.replace(/\r\n?/g, '\n').trim();
}

/** Files that are hashed before the event loop turns. */
const HASHED_AT_ONCE = 16;

/** Images are the same when their files have the same bytes; only files of one size are compared. */
async function repeatedImages(images: ImageFile[], signal: AbortSignal | undefined): Promise<Repeats | undefined> {
  const ofSize = new Map<number, Set<string>>();
  for (const { path, bytes } of images) ofSize.set(bytes, (ofSize.get(bytes) ?? new Set()).add(path));
  const hashes = new Map<string, string>();
  const firstOf = new Map<string, number>();
  const representative = new Int32Array(images.length);
  let count = 0;
  for (const [row, { path, bytes }] of images.entries()) {
    if (row % HASHED_AT_ONCE === 0) await setImmediate();
    signal?.throwIfAborted();
    const isAlone = (ofSize.get(bytes)?.size ?? 0) < 2;
    const key = isAlone ? path : (hashes.get(path) ?? hashFile(path));
    if (!isAlone) hashes.set(path, key);
    representative[row] = firstOf.get(key) ?? row;
    if (representative[row] === row) firstOf.set(key, row);
    else count++;
  }
  return count === 0 ? undefined : { representative, count };
}

/** The columns that hold what is embedded of a row, and its id. */
export function columnsRead(content: RowContent, idField: FieldPath | undefined): string[] {
  return [...new Set([...content.columns, ...(idField ? [idField.root] : [])])];
}

/** What is embedded, in order: texts, or paths of images; bad rows left out. */
export async function* corpusItems({ file, content, badRows }: Corpus): AsyncGenerator<string, void, undefined> {
  const bad = new Set(badRows);
  let number = 0;
  for await (const row of file.read(content.columns)) {
    if (bad.has(number++)) continue;
    const { value } = content.of(row);
    yield content.modality === 'image' ? resolve(content.folder, value) : value;
  }
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

/** SHA-256 of a corpus's files; of a folder that of its images. */
export function corpusHash({ file, images, watch }: Corpus): string {
  return file.format === 'folder' && images !== undefined ? images : hashRows(file, watch);
}

/** SHA-256 of the files of rows, and of how they lie in folders where these are columns. */
export function hashRows({ parts }: RowFile, watch: FileWatch): string {
  if (parts.length === 1) return watch.hash(parts[0].path);
  return hashValue(parts.map(({ path, partitions }) => [watch.hash(path), partitions]));
}

/** Bytes of the files of rows. */
export function sizeOf({ parts }: RowFile): number {
  return parts.reduce((sum, { path }) => sum + statSync(path).size, 0);
}
