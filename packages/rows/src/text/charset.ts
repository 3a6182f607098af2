import { isAscii, isUtf8 } from 'node:buffer';
import { CoresetError } from '@coreset/core';

/** A character encoding, as far as reading a text file needs it. */
export interface Charset {
  /** Its name in the Encoding Standard. */
  name: string;
  /** How many bytes the byte-order mark at the start of the file takes; 0 where there is none. */
  markBytes: number;
  /** How line breaks stand in the bytes: as single bytes, or as 16-bit units. */
  unit: 'byte' | 'utf-16le' | 'utf-16be';
  /** Whether a byte below 128 is always that ASCII character, never the second half of another. */
  asciiIsAscii: boolean;
  /**
   * The text of these bytes, which end where a character ends.
   * @throws Error when they are none in this encoding
   */
  decode(bytes: Uint8Array): string;
  /** The same, with U+FFFD for what cannot be decoded. */
  decodeLoosely(bytes: Uint8Array): string;
}

const MARKS: [string, number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Encodings in which the second byte of a character may be that of an ASCII character. */
const SECOND_BYTE_ASCII = new Set(['shift_jis', 'gbk', 'gb18030', 'big5', 'iso-2022-jp', 'utf-16le', 'utf-16be']);

const PIECE_BYTES = 1 << 12;

/** What Windows-1252 has at 0x80 to 0x9F, where Node's decoder gives control characters. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * The encoding of a file: that of its byte-order mark, else the one asked for, else UTF-8.
 * @param head the first bytes of the file, unpacked
 * @throws CoresetError when the encoding asked for is unknown or contradicts the byte-order mark
 */
export function charsetOf(head: Uint8Array, encoding: string | undefined, path: string): Charset {
  const asked = encoding === undefined ? undefined : standardName(encoding);
  if (head[0] === 0xff && head[1] === 0xfe && head.length >= 4 && head[2] === 0 && head[3] === 0)
    throw new CoresetError(`${path}: UTF-32 is not read; convert the file to UTF-8 first (iconv -f utf-32 -t utf-8)`);
  const mark = MARKS.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte));
  if (mark === undefined) {
    if (asked === undefined) refuseUnmarkedUtf16(head, path);
    return charset(asked ?? 'utf-8', 0);
  }
  const [marked, bytes] = mark;
  const eitherOrder = /^utf-?16$/i.test(encoding ?? '') && marked.startsWith('utf-16');
  if (asked !== undefined && asked !== marked && !eitherOrder)
    throw new CoresetError(
      `${path}: begins with the byte-order mark of ${marked}, not ${encoding}; leave out --encoding`,
    );
  return charset(marked, bytes.length);
}

/** The name in the Encoding Standard, also of spellings that Python takes (`latin-1`, `utf_16_le`). */
function standardName(encoding: string): string {
  const plain = encoding.trim().toLowerCase().replaceAll('_', '-');
  for (const label of [plain, encoding.trim(), plain.replaceAll('-', ''), plain.replace(/^utf-?16-?/, 'utf-16')]) {
    try {
      return new TextDecoder(label).encoding;
    } catch {
      // the next spelling
    }
  }
  throw new CoresetError(
    `--encoding ${encoding}: unknown; name one of the Encoding Standard, such as utf-16le, windows-1252, shift_jis, gbk`,
  );
}

/** NUL bytes at every other place are UTF-16, which would otherwise pass as UTF-8. */
function refuseUnmarkedUtf16(head: Uint8Array, path: string): void {
  if (head.length < 4) return;
  for (const [order, zero] of [
    ['utf-16le', 1],
    ['utf-16be', 0],
  ] as const) {
    const halves = [head[zero], head[zero + 2], head[1 - zero], head[3 - zero]];
    if (halves[0] === 0 && halves[1] === 0 && halves[2] !== 0 && halves[3] !== 0)
      throw new CoresetError(`${path}: looks like ${order} without a byte-order mark; add --encoding ${order}`);
  }
}

function charset(name: string, markBytes: number): Charset {
  const decoder = (fatal: boolean): ((bytes: Uint8Array) => string) => {
    const inner = new TextDecoder(name, { fatal, ignoreBOM: true });
    return (bytes) => inner.decode(bytes);
  };
  const decoders =
    name === 'utf-8'
      ? { decode: decodeUtf8, decodeLoosely: decoder(false) }
      : name === 'windows-1252'
        ? { decode: decodeWindows1252, decodeLoosely: decodeWindows1252 }
        : { decode: decoder(true), decodeLoosely: decoder(false) };
  const unit = name === 'utf-16le' || name === 'utf-16be' ? name : 'byte';
  return { name, markBytes, unit, asciiIsAscii: !SECOND_BYTE_ASCII.has(name), ...decoders };
}

/**
 * Several times as fast as a strict TextDecoder: ASCII, of which most texts are full, is copied as it is, also where
 * other characters are a few kilobytes away.
 */
function decodeUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (!isUtf8(buffer)) throw new Error('not UTF-8');
  let text = '';
  for (let start = 0; start < buffer.length; ) {
    let end = Math.min(buffer.length, start + PIECE_BYTES);
    while (end < buffer.length && (buffer[end] & 0xc0) === 0x80) end--;
    const piece = buffer.subarray(start, end);
    text += piece.toString(isAscii(piece) ? 'latin1' : 'utf8');
    start = end;
  }
  return text;
}

function decodeWindows1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]);
}
