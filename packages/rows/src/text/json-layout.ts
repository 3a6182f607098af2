import { CoresetError } from '@coreset/core';
import { readBytes } from './byte-stream.js';
import { type Charset, charsetOf } from './charset.js';
import type { TextSource } from './line-blocks.js';

/** An array of rows in a .json file. */
export interface ArrayLayout {
  /** The byte of its opening bracket. */
  start: number;
  /** Whether the file holds nothing else. */
  alone: boolean;
  charset: Charset;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

interface Member {
  name: string;
  /** Where its value begins. */
  start: number;
  holds: 'objects' | 'nothing' | 'no rows' | 'scalar';
}

/**
 * Tell what a .json file holds.
 * @throws CoresetError when it holds no rows, or it is unclear which array holds them
 */
export async function jsonLayout(source: TextSource): Promise<ArrayLayout | 'lines'> {
  const { path, options } = source;
  let charset: Charset | undefined;
  const scan = new ObjectScan();
  for await (const chunk of headFirst(readBytes(path, source.compression))) {
    charset ??= charsetOf(chunk, options.encoding, path);
    if (!charset.asciiIsAscii) return linesInOtherEncoding(chunk, charset, path);
    if (scan.offset === 0) {
      const first = chunk.subarray(charset.markBytes).find((byte) => byte > 32);
      if (first === undefined) continue;
      if (first === OPEN_ARRAY) return { start: chunk.indexOf(OPEN_ARRAY), alone: true, charset };
      if (first !== OPEN_OBJECT) return 'lines';
    }
    scan.read(chunk);
    if (scan.follows) break;
  }
  if (charset === undefined || scan.offset === 0 || (scan.follows && !scan.severalLines)) return 'lines';
  if (scan.follows)
    throw new CoresetError(
      `${path}: several objects of several lines each; make it a line each (jq -c .) or an array (jq -s .)`,
    );
  if (!scan.closed) throw new CoresetError(`${path}: the object is not closed; the file is cut short or damaged`);
  const rowsInside = scan.members.some(({ holds }) => holds === 'objects');
  const oneRow = !scan.severalLines && scan.members.some(({ holds }) => holds === 'scalar');
  return oneRow && !rowsInside ? 'lines' : arrayIn(scan.members, charset, source);
}

function arrayIn(members: Member[], charset: Charset, { path, options }: TextSource): ArrayLayout {
  const objects = members.filter(({ holds }) => holds === 'objects');
  const candidates = objects.length > 0 ? objects : members.filter(({ holds }) => holds === 'nothing');
  const names = (of: Member[]): string => of.map(({ name }) => `'${name}'`).join(', ');
  if (candidates.length > 1)
    throw new CoresetError(
      `${path}: one object with several arrays (${names(candidates)}); leave one of them (jq .NAME)`,
    );
  if (candidates.length === 0)
    throw new CoresetError(
      `${path}: one object without an array of objects (its fields: ${names(members)}); an array of objects is needed, as pandas writes with orient='records'`,
    );
  const [{ name, start }] = candidates;
  options.onNotice?.(`${path}: the rows are those of the array '${name}'`);
  return { start, alone: false, charset };
}

/** The decoder of lines reads any encoding; an array is searched by bytes. */
function linesInOtherEncoding(head: Buffer, charset: Charset, path: string): 'lines' {
  const first = charset.decodeLoosely(head.subarray(charset.markBytes, 4096)).trimStart()[0];
  if (first === '[')
    throw new CoresetError(
      `${path}: a JSON array in ${charset.name} is not read; convert it first (iconv -f ${charset.name} -t utf-8)`,
    );
  return 'lines';
}

/** The same chunks, the first of at least four bytes if there are as many. */
async function* headFirst(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 4) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** Finds the members of the first value of a file, an object, whatever their size. */
class ObjectScan {
  members: Member[] = [];
  /** How many bytes have been read. */
  offset = 0;
  closed = false;
  /** Whether the object takes more than one line. */
  severalLines = false;
  /** Whether something follows the object. */
  follows = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private name: number[] = [];
  private awaits: 'name' | 'rest of name' | 'value' | 'first element' | 'nothing' = 'nothing';

  read(chunk: Buffer): void {
    for (let i = 0; i < chunk.length && !this.follows; i++) this.step(chunk[i], this.offset + i);
    this.offset += chunk.length;
  }

  private step(byte: number, at: number): void {
    if (this.inString) {
      if (this.escaped) this.escaped = false;
      else if (byte === BACKSLASH) this.escaped = true;
      else if (byte === QUOTE) this.inString = false;
      if (this.awaits !== 'rest of name') return;
      if (this.inString) this.name.push(byte);
      else this.awaits = 'nothing';
      return;
    }
    if (byte <= 32) {
      if (byte === 10 && this.depth > 0) this.severalLines = true;
      return;
    }
    if (this.closed) {
      this.follows = true;
      return;
    }
    if (this.awaits === 'value') {
      const name = Buffer.from(this.name).toString();
      this.members.push({
        name: unescaped(name),
        start: at,
        holds: byte === OPEN_ARRAY || byte === OPEN_OBJECT ? 'no rows' : 'scalar',
      });
      this.awaits = byte === OPEN_ARRAY ? 'first element' : 'nothing';
    } else if (this.awaits === 'first element') {
      const member = this.members[this.members.length - 1];
      if (byte === OPEN_OBJECT) member.holds = 'objects';
      if (byte === CLOSE_ARRAY) member.holds = 'nothing';
      this.awaits = 'nothing';
    }
    switch (byte) {
      case QUOTE:
        this.inString = true;
        if (this.awaits === 'name') this.awaits = 'rest of name';
        return;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (this.depth++ === 0) this.expectName();
        return;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        this.closed = --this.depth === 0;
        return;
      case COMMA:
        if (this.depth === 1) this.expectName();
        return;
      case COLON:
        if (this.depth === 1) this.awaits = 'value';
    }
  }

  private expectName(): void {
    this.awaits = 'name';
    this.name = [];
  }
}

function unescaped(name: string): string {
  try {
    return JSON.parse(`"${name}"`) as string;
  } catch {
    return name;
  }
}
