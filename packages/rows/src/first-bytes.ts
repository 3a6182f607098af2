import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { Compression, Format } from './kinds.js';

/** What a file's first bytes say that it is. */
export interface Looks {
  /** In words, with an article. */
  what: string;
  /** The format to read it as, where it is one of ours. */
  format?: Format;
  /** What to do with it otherwise. */
  advice?: string;
  kind: 'binary' | 'web page' | 'pointer' | 'json';
}

const BINARY: (Omit<Looks, 'kind'> & { begins: string })[] = [
  { begins: 'PAR1', what: 'a Parquet file', format: 'parquet' },
  { begins: 'ARROW1', what: 'an Arrow file', format: 'arrow' },
  { begins: '\x93NUMPY', what: 'a .npy file', format: 'npy' },
  { begins: 'PK\x03\x04', what: 'a zip archive', advice: 'unpack it, or export it as CSV if it is a spreadsheet' },
  { begins: '\x1f\x8b', what: 'a gzip file', advice: 'unpack it first (gunzip)' },
  { begins: '\x28\xb5\x2f\xfd', what: 'a zstd file', advice: 'unpack it first (unzstd)' },
  { begins: 'BZh', what: 'a bzip2 file', advice: 'unpack it first (bunzip2)' },
  { begins: '\xfd7zXZ\0', what: 'an xz file', advice: 'unpack it first (unxz)' },
  { begins: '\x04"M\x18', what: 'an lz4 file', advice: 'unpack it first (unlz4)' },
  { begins: '7z\xbc\xaf', what: 'a 7z archive', advice: 'unpack it first' },
  { begins: '%PDF-', what: 'a PDF', advice: 'extract its text first' },
  { begins: 'SQLite format 3\0', what: 'an SQLite database', advice: 'export the table as CSV first' },
];

const POINTER: Looks = {
  kind: 'pointer',
  what: 'a Git LFS pointer, not the file itself',
  advice: 'fetch it with git lfs pull',
};

const WEB_PAGE: Looks = {
  kind: 'web page',
  what: 'a web page',
  advice: 'the download went wrong; fetch the file itself',
};

/** Tell a file by its first bytes, unpacked; nothing where they are not certain. */
export function looksLike(head: Buffer): Looks | undefined {
  const bytes = head.toString('latin1');
  if (bytes.startsWith('version https://git-lfs.github.com/spec/')) return POINTER;
  const binary = BINARY.find(({ begins }) => bytes.startsWith(begins));
  // Without a byte that text has not, it is a text that begins with this word.
  if (binary !== undefined && head.some((byte) => byte < 9)) return { ...binary, kind: 'binary' };
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  if (/^\s*<(!doctype\s+html|html[\s>])/i.test(text)) return WEB_PAGE;
  if (/^\s*\[\s*\{\s*["}]/.test(text)) return { kind: 'json', what: 'JSON', format: 'json' };
  if (!/^\s*\{\s*["}]/.test(text)) return undefined;
  const format = isObject(text.trimStart().split('\n', 1)[0]) ? 'jsonl' : 'json';
  return { kind: 'json', what: 'JSON', format };
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/** How a file is packed by its first bytes. */
export function packing(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  // A file for zstd may begin with a skippable frame, as those of pzstd do.
  const frame = head.length >= 4 ? head.readUInt32LE(0) : 0;
  return frame === 0xfd2fb528 || frame - (frame % 16) === 0x184d2a50 ? 'zstd' : 'none';
}

/** As many of the first bytes as can be unpacked of these; none when they are damaged. */
export function unpackHead(head: Buffer, compression: Compression): Buffer {
  try {
    if (compression === 'gzip') return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
    if (compression === 'none') return head;
    const pieces: Buffer[] = [];
    new Decompress((bytes) => pieces.push(Buffer.from(bytes))).push(head, false);
    return Buffer.concat(pieces);
  } catch {
    return Buffer.alloc(0);
  }
}

/** The first bytes of a file. */
export function readHead(path: string, bytes: number): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const head = Buffer.alloc(bytes);
    return head.subarray(0, readSync(descriptor, head, 0, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}
