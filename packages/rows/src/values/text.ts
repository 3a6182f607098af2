import { constants, isUtf8 } from 'node:buffer';

/**
 * The text of some bytes of `buffer`.
 * @throws Error when they are not UTF-8, or more than a string can hold
 */
export function utf8Text(buffer: Buffer, start: number, end: number): string {
  if (end - start > constants.MAX_STRING_LENGTH)
    throw new Error(`a text has ${end - start} bytes, too many for Node.js`);
  const text = buffer.toString('utf8', start, end);
  // Only U+FFFD can stand for bytes that are no UTF-8, and it may be in the text itself.
  if (text.includes('\ufffd') && !isUtf8(buffer.subarray(start, end))) throw new Error('a text is not valid UTF-8');
  return text;
}
