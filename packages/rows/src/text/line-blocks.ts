import { CoresetError, type Sink } from '@coreset/core';
import type { Compression } from '../kinds.js';
import type { KeepRow, OpenOptions } from '../row.js';
import { readBytes } from './byte-stream.js';
import { type Charset, charsetOf } from './charset.js';

/** A text file and how it is to be read. */
export interface TextSource {
  path: string;
  compression: Compression;
  options: OpenOptions;
}

/**
 * Some whole lines of a text file. A line ends with `\n`, `\r\n` or `\r`, whichever comes, as for Python's `open`; a line
 * break at the end of the file starts no further line.
 */
export interface LineBlock {
  /** The lines as they stand in the file, without its byte-order mark. */
  bytes: Buffer;
  /** The same, decoded; lines in {@link undecodable} have U+FFFD for what could not be. */
  text: string;
  /** Where in {@link text} each line ends, its line break included. */
  ends: number[];
  /** Which lines, counted from 0 in this block, are no text in the file's encoding. */
  undecodable: Set<number>;
  /** The number in the file of the block's first line; 1 is the first. */
  firstLine: number;
  charset: Charset;
  /** In the file's first block its byte-order mark, else nothing. */
  mark: Buffer;
}

const LF = 10;
const CR = 13;
/** The longest string takes about as many. */
const MAX_LINE_BYTES = 2 ** 29 - 25;
const NOTHING: Buffer = Buffer.alloc(0);
const ALL_DECODABLE: Set<number> = new Set();

/**
 * The lines of a file in blocks of some hundred kilobytes, or of one line where that is longer.
 * @throws CoresetError when the file cannot be read or unpacked, or is in another encoding by its byte-order mark
 */
export async function* lineBlocks(source: TextSource): AsyncGenerator<LineBlock, void, undefined> {
  const { path, compression, options } = source;
  let charset: Charset | undefined;
  let mark = NOTHING;
  let pieces: Buffer[] = [];
  let held = 0;
  let firstLine = 1;
  const begin = (): Charset => {
    const head = joined(pieces);
    const found = charsetOf(head, options.encoding, path);
    mark = head.subarray(0, found.markBytes);
    pieces = [head.subarray(found.markBytes)];
    held -= found.markBytes;
    return found;
  };
  const take = (bytes: Buffer, charset: Charset): LineBlock => {
    const block = { ...decode(bytes, charset), bytes, firstLine, charset, mark };
    firstLine += block.ends.length;
    mark = NOTHING;
    return block;
  };
  for await (const chunk of readBytes(path, compression)) {
    pieces.push(chunk);
    held += chunk.length;
    if (charset === undefined && held < 4) continue;
    charset ??= begin();
    if (charset.unit !== 'byte') pieces = [joined(pieces)];
    const last = pieces[pieces.length - 1];
    const cut = lastLineEnd(last, charset.unit);
    if (cut === 0) {
      if (held > MAX_LINE_BYTES)
        throw new CoresetError(`${path}, line ${firstLine}: longer than 512 MiB; is it a text file?`);
      continue;
    }
    pieces[pieces.length - 1] = last.subarray(0, cut);
    yield take(joined(pieces), charset);
    pieces = [last.subarray(cut)];
    held = last.length - cut;
  }
  charset ??= begin();
  if (held > 0) yield take(joined(pieces), charset);
}

/** Where in the block's bytes each line ends, its line break included. */
export function byteEnds({ bytes, text, ends, charset }: LineBlock): number[] {
  // No encoding takes less than a byte for a character: of equal length they are equal line by line.
  return text.length === bytes.length ? ends : rawEnds(bytes, charset.unit);
}

function rawEnds(bytes: Buffer, unit: Charset['unit']): number[] {
  const ends: number[] = [];
  const step = unit === 'byte' ? 1 : 2;
  const low = unit === 'utf-16be' ? 1 : 0;
  const is = (at: number, code: number): boolean =>
    bytes[at + low] === code && (step === 1 || bytes[at + 1 - low] === 0);
  let lineFeed = -1;
  let carriageReturn = -1;
  const next = (code: number, from: number): number => {
    let at = bytes.indexOf(code, from + low);
    while (at !== -1 && ((at - low) % step !== 0 || !is(at - low, code))) at = bytes.indexOf(code, at + 1);
    return at === -1 ? bytes.length : at - low;
  };
  for (let start = 0; start < bytes.length; start = ends[ends.length - 1]) {
    if (lineFeed < start) lineFeed = next(LF, start);
    if (carriageReturn < start) carriageReturn = next(CR, start);
    const at = carriageReturn + step < lineFeed ? carriageReturn : lineFeed;
    ends.push(Math.min(bytes.length, at + step));
  }
  return ends;
}

/** The same lines from `line` on, as a block of their own. */
export function blockFrom(block: LineBlock, line: number): LineBlock {
  if (line === 0) return block;
  const textStart = block.ends[line - 1];
  return {
    bytes: block.bytes.subarray(byteEnds(block)[line - 1]),
    text: block.text.slice(textStart),
    ends: block.ends.slice(line).map((end) => end - textStart),
    undecodable: new Set([...block.undecodable].filter((at) => at >= line).map((at) => at - line)),
    firstLine: block.firstLine + line,
    charset: block.charset,
    mark: NOTHING,
  };
}

/** Blocks that follow each other in the file as one. */
export function joinBlocks(blocks: LineBlock[]): LineBlock {
  if (blocks.length === 1) return blocks[0];
  const ends: number[] = [];
  const undecodable = new Set<number>();
  let shift = 0;
  for (const block of blocks) {
    for (const line of block.undecodable) undecodable.add(ends.length + line);
    for (const end of block.ends) ends.push(end + shift);
    shift += block.text.length;
  }
  const bytes = Buffer.concat(blocks.map(({ bytes }) => bytes));
  return { ...blocks[0], bytes, text: blocks.map(({ text }) => text).join(''), ends, undecodable };
}

function joined(pieces: Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

/** Where the last line ends that is surely complete; 0 when none is. */
function lastLineEnd(bytes: Buffer, unit: Charset['unit']): number {
  if (unit === 'byte') {
    const end = bytes.lastIndexOf(LF);
    return end !== -1 || bytes.length < 2 ? end + 1 : bytes.lastIndexOf(CR, bytes.length - 2) + 1;
  }
  const low = unit === 'utf-16le' ? 0 : 1;
  for (let at = (bytes.length & ~1) - 2; at >= 0; at -= 2)
    if (bytes[at + low] === LF && bytes[at + 1 - low] === 0) return at + 2;
  return 0;
}

function decode(bytes: Buffer, charset: Charset): Pick<LineBlock, 'text' | 'ends' | 'undecodable'> {
  try {
    const text = charset.decode(bytes);
    return { text, ends: textEnds(text), undecodable: ALL_DECODABLE };
  } catch {
    return decodeByLine(bytes, charset);
  }
}

function textEnds(text: string): number[] {
  const ends: number[] = [];
  if (text.includes('\r')) {
    for (const { index, 0: lineBreak } of text.matchAll(/\r\n|[\r\n]/g)) ends.push(index + lineBreak.length);
  } else {
    for (let end = text.indexOf('\n') + 1; end > 0; end = text.indexOf('\n', end) + 1) ends.push(end);
  }
  if (text.length > (ends.at(-1) ?? 0)) ends.push(text.length);
  return ends;
}

/** Decode each line by itself, so that wrong bytes in one cost no other. */
function decodeByLine(bytes: Buffer, charset: Charset): Pick<LineBlock, 'text' | 'ends' | 'undecodable'> {
  const undecodable = new Set<number>();
  const ends: number[] = [];
  let text = '';
  let start = 0;
  for (const end of rawEnds(bytes, charset.unit)) {
    const line = bytes.subarray(start, end);
    start = end;
    try {
      text += charset.decode(line);
    } catch {
      undecodable.add(ends.length);
      const loose = charset.decodeLoosely(line);
      const lineBreak = /(\r\n|[\r\n])?$/.exec(loose)![0];
      text += loose.slice(0, loose.length - lineBreak.length).replace(/[\r\n]/g, '\ufffd') + lineBreak;
    }
    ends.push(text.length);
  }
  return { text, ends, undecodable };
}

/** The name of a file's encoding; of an empty one that of UTF-8. */
export async function encodingOf(source: TextSource): Promise<string> {
  for await (const { charset } of lineBlocks(source)) return charset.name;
  return 'utf-8';
}

/**
 * Write the kept lines of a file as they stand, each in its place.
 * @param isContinued the byte-order mark is in the sink already
 * @param isRow whether the line between two places of a block's text is a row
 */
export async function writeKeptLines(
  source: TextSource,
  keep: KeepRow,
  sink: Sink,
  isContinued: boolean | undefined,
  isRow: (text: string, start: number, end: number) => boolean,
): Promise<void> {
  let row = 0;
  for await (const block of lineBlocks(source)) {
    if (!isContinued) sink.write(block.mark);
    const ends = byteEnds(block);
    for (let i = 0; i < ends.length; i++) {
      if (!isRow(block.text, block.ends[i - 1] ?? 0, block.ends[i])) continue;
      if (keep(row++)) sink.write(block.bytes.subarray(ends[i - 1] ?? 0, ends[i]));
    }
  }
}
