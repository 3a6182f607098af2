import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  blockSteps,
  hashFile,
  inTurns,
  Representatives,
  readNpy,
  type Steps,
  type Vectors,
  writeNpy,
} from '@coreset/core';
import { type Corpus, comparedText, corpusItems, embeddedRows } from '../input/corpus.js';

/** Bytes of SHA-256 that tell one content from another. */
export const CONTENT_BYTES = 16;

/** The content of each row of an input, rows × {@link CONTENT_BYTES}; zeros of a row with nothing to embed. */
export type Contents = Uint8Array;

/** Items that are hashed before the event loop turns. */
const AT_ONCE = 1024;
const ROWS_AT_ONCE = 4096;

/** The contents of a corpus of texts, as they are compared, or of images, by their bytes. */
export async function corpusContents(corpus: Corpus, signal?: AbortSignal): Promise<Contents> {
  const contents = new Uint8Array(corpus.rows * CONTENT_BYTES);
  const inputRows = embeddedRows(corpus);
  const isImage = corpus.content.modality === 'image';
  let item = 0;
  for await (const value of corpusItems(corpus)) {
    if (isImage || item % AT_ONCE === 0) await setImmediate();
    signal?.throwIfAborted();
    put(contents, inputRows[item++], contentHash(isImage ? { image: value } : { text: value }));
  }
  return contents;
}

/** The content of a text, or of an image by its path: the first bytes of a SHA-256. */
export function contentHash(content: { text: string } | { image: string }): Buffer {
  const hash = 'text' in content ? sha256(comparedText(content.text)) : Buffer.from(hashFile(content.image), 'hex');
  return hash.subarray(0, CONTENT_BYTES);
}

/** The contents of rows that are vectors. @param inputRows the row of the input of each @param rows of the input */
export async function vectorContents(
  vectors: Vectors,
  inputRows: Int32Array,
  rows: number,
  signal?: AbortSignal,
): Promise<Contents> {
  const contents = new Uint8Array(rows * CONTENT_BYTES);
  await inTurns(hashSteps(vectors, inputRows, contents), signal);
  return contents;
}

function* hashSteps(vectors: Vectors, inputRows: Int32Array, contents: Contents): Steps<void> {
  const { cols } = vectors;
  yield* blockSteps(vectors, ROWS_AT_ONCE, (block, start, end) => {
    const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
    const rowBytes = 4 * cols;
    for (let row = start; row < end; row++) {
      const at = (row - start) * rowBytes;
      put(contents, inputRows[row], sha256(bytes.subarray(at, at + rowBytes)));
    }
  });
}

function sha256(content: string | Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

function put(contents: Contents, row: number, hash: Uint8Array): void {
  contents.set(hash.subarray(0, CONTENT_BYTES), row * CONTENT_BYTES);
}

/** Write contents as `.npy`, rows × 16 bytes. */
export function writeContents(path: string, contents: Contents): Promise<void> {
  return writeNpy(path, contents, [contents.length / CONTENT_BYTES, CONTENT_BYTES]);
}

/** Read what {@link writeContents} wrote. */
export function readContents(path: string): Contents {
  return readNpy(path).data as Uint8Array;
}

/** The contents of the listed rows. */
export function contentsOfRows(contents: Contents, rows: ArrayLike<number>): Contents {
  const result = new Uint8Array(rows.length * CONTENT_BYTES);
  for (let i = 0; i < rows.length; i++) {
    const at = rows[i] * CONTENT_BYTES;
    result.set(contents.subarray(at, at + CONTENT_BYTES), i * CONTENT_BYTES);
  }
  return result;
}

/** Of each content the first of `others` that is the same, −1 where none is, or it is that of nothing. */
export function firstWithContent(contents: Contents, others: Contents): Int32Array {
  const count = others.length / CONTENT_BYTES;
  const words = new Uint32Array(new ArrayBuffer(others.length + contents.length));
  const bytes = new Uint8Array(words.buffer);
  bytes.set(others);
  bytes.set(contents, others.length);
  const isSame = (a: number, b: number): boolean =>
    words[4 * a + 2] === words[4 * b + 2] && words[4 * a + 3] === words[4 * b + 3];
  const found = new Representatives(isSame);
  const first = new Int32Array(contents.length / CONTENT_BYTES);
  for (let row = 0; row < count + first.length; row++) {
    const representative = found.add(words[4 * row], words[4 * row + 1]);
    if (row >= count) first[row - count] = representative < count && !isNothing(words, row) ? representative : -1;
  }
  return first;
}

function isNothing(words: Uint32Array, row: number): boolean {
  return words.subarray(4 * row, 4 * row + 4).every((word) => word === 0);
}

/** Of each row its place among those that have a content, −1 where it has none. */
export function contentPlaces(contents: Contents): Int32Array {
  const words = new Uint32Array(contents.buffer, contents.byteOffset, contents.length / 4);
  let next = 0;
  return Int32Array.from({ length: contents.length / CONTENT_BYTES }, (_, row) =>
    isNothing(words, row) ? -1 : next++,
  );
}
