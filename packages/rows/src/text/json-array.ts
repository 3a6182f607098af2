import { CoresetError } from '@coreset/core';
import { readBytes } from './byte-stream.js';
import type { TextSource } from './line-blocks.js';

/** A part of a file that holds an array, in the order of the file. */
export type ArrayPart =
  /** Bytes before the first element, the opening bracket included, or after the last one. */
  | { kind: 'around'; bytes: Buffer }
  /** Elements with the white space before them, without commas. */
  | { kind: 'elements'; elements: Buffer[] };

const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
/** The longest string takes about as many. */
const MAX_ELEMENT_BYTES = 2 ** 29 - 25;

/**
 * The parts of a file that holds an array whose opening bracket is at byte `start`.
 * @param alone whether nothing may follow the array
 * @throws CoresetError when the array is not closed, or something follows it
 */
export async function* arrayParts(
  { path, compression }: TextSource,
  start: number,
  alone: boolean,
): AsyncGenerator<ArrayPart, void, undefined> {
  let offset = 0;
  let closed = false;
  let count = 0;
  let pieces: Buffer[] = [];
  let held = 0;
  const scan = new ElementScan();
  const around = (bytes: Buffer): ArrayPart => {
    if (closed && alone && trimmedLength(bytes) > 0)
      throw new CoresetError(`${path}: something follows the array after element ${count}`);
    return { kind: 'around', bytes };
  };
  for await (const chunk of readBytes(path, compression)) {
    let from = closed ? chunk.length : Math.max(0, Math.min(chunk.length, start + 1 - offset));
    offset += chunk.length;
    if (from > 0) yield around(chunk.subarray(0, from));
    if (from === chunk.length) continue;
    const { commas, close } = scan.read(chunk, from);
    const elements: Buffer[] = [];
    for (const comma of commas) {
      elements.push(Buffer.concat([...pieces, chunk.subarray(from, comma)]));
      pieces = [];
      held = 0;
      from = comma + 1;
    }
    pieces.push(chunk.subarray(from, close));
    held += chunk.length - from;
    if (held > MAX_ELEMENT_BYTES)
      throw new CoresetError(`${path}, element ${count + 1}: longer than 512 MiB; is a quote or bracket missing?`);
    count += elements.length;
    if (close === undefined) {
      yield { kind: 'elements', elements };
      continue;
    }
    const last = Buffer.concat(pieces);
    const end = trimmedLength(last);
    if (end > 0 || count > 0) elements.push(last.subarray(0, end));
    if (end > 0 || count > 0) count++;
    yield { kind: 'elements', elements };
    yield { kind: 'around', bytes: Buffer.concat([last.subarray(end), chunk.subarray(close, close + 1)]) };
    closed = true;
    yield around(chunk.subarray(close + 1));
  }
  if (!closed)
    throw new CoresetError(
      `${path}: the array is not closed after element ${count + 1}; the file is cut short or damaged`,
    );
}

/** How long the bytes are without the white space at their end. */
export function trimmedLength(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] <= 32) end--;
  return end;
}

/** Finds where the elements of an array end, by quotes and brackets alone. */
class ElementScan {
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** The commas between elements from `at` on, and the closing bracket if the array ends here. */
  read(chunk: Buffer, at: number): { commas: number[]; close: number | undefined } {
    const commas: number[] = [];
    let { depth, inString, escaped } = this;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === COMMA && depth === 0) commas.push(at);
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (depth === 0) return { commas, close: at };
        depth--;
      }
    }
    Object.assign(this, { depth, inString, escaped });
    return { commas, close: undefined };
  }
}
