import { readSync } from 'node:fs';

/*
 * A segment is a row of blocks, each appended by one write of one process:
 *
 *   magic with the version of this format 16 | rows 4 | cols 4 | model 16 | checksum of all before and of the keys 8 | keys rows × 16
 *   rows × (checksum of all behind it 8 | key 16 | tokens 4 | unknown 4 | lost 4 | missing 4 | vector cols × 4)
 *
 * Numbers are little-endian. A block that a kill cut short, or into which another wrote, is found by its checksums, and
 * the next by its magic.
 */
const MAGIC = Buffer.from('coreset vectors1');
const AT = { rows: 16, cols: 20, model: 24, checksum: 40, keys: 48 };
const ROW_AT = { key: 8, tokens: 24, unknown: 28, lost: 32, missing: 36, vector: 40 };

/** Bytes of a key, and of what tells one model from another. */
export const KEY_BYTES = 16;
const MOST_ROWS = 4096;
const MOST_COLS = 1 << 20;
const SEARCHED_AT_ONCE = 1 << 20;

/** 64 bits of a hash of bytes. */
export type Checksum = (bytes: Uint8Array) => bigint;

/** What a cache keeps of an item. */
export interface CachedVector {
  key: Uint8Array;
  vector: Float32Array;
  tokens: number;
  unknown: number;
  lost: number;
  /** Why it has no vector, as a number from 1 on; 0 where it has one. */
  missing: number;
}

/** Bytes of a row of a block. */
export function rowBytes(cols: number): number {
  return ROW_AT.vector + 4 * cols;
}

/** A block of rows that have the same number of columns. */
export function encodeBlock(rows: CachedVector[], model: Uint8Array, checksum: Checksum): Buffer {
  const cols = rows[0].vector.length;
  const headBytes = AT.keys + rows.length * KEY_BYTES;
  const length = rowBytes(cols);
  const block = Buffer.alloc(headBytes + rows.length * length);
  block.set(MAGIC);
  block.writeUInt32LE(rows.length, AT.rows);
  block.writeUInt32LE(cols, AT.cols);
  block.set(model, AT.model);
  for (const [i, { key, vector, ...numbers }] of rows.entries()) {
    block.set(key, AT.keys + i * KEY_BYTES);
    const row = block.subarray(headBytes + i * length, headBytes + (i + 1) * length);
    row.set(key, ROW_AT.key);
    for (const name of ['tokens', 'unknown', 'lost', 'missing'] as const) row.writeInt32LE(numbers[name], ROW_AT[name]);
    row.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), ROW_AT.vector);
    row.writeBigUInt64LE(checksum(row.subarray(ROW_AT.key)), 0);
  }
  block.writeBigUInt64LE(headChecksum(block, rows.length, checksum), AT.checksum);
  return block;
}

function headChecksum(block: Buffer, rows: number, checksum: Checksum): bigint {
  const keys = block.subarray(AT.keys, AT.keys + rows * KEY_BYTES);
  return checksum(Buffer.concat([block.subarray(0, AT.checksum), keys]));
}

/** A row as it was written, unless it was damaged or is that of another key. @param row its bytes, from a multiple of 4 on */
export function decodeRow(row: Buffer, key: Uint8Array, checksum: Checksum): Omit<CachedVector, 'key'> | undefined {
  if (row.compare(key, 0, KEY_BYTES, ROW_AT.key, ROW_AT.key + KEY_BYTES) !== 0) return undefined;
  if (row.readBigUInt64LE(0) !== checksum(row.subarray(ROW_AT.key))) return undefined;
  return {
    vector: new Float32Array(row.buffer, row.byteOffset + ROW_AT.vector, (row.length - ROW_AT.vector) / 4),
    tokens: row.readInt32LE(ROW_AT.tokens),
    unknown: row.readInt32LE(ROW_AT.unknown),
    lost: row.readInt32LE(ROW_AT.lost),
    missing: row.readInt32LE(ROW_AT.missing),
  };
}

/** A block that is there, as far as its head says. */
export interface BlockHead {
  cols: number;
  keys: Buffer;
  /** Where its first row lies in the file. */
  offset: number;
}

/**
 * The blocks of a segment whose heads are whole, in their order.
 * @param bytes of the file, whatever was appended since
 */
export function* blocksOf(
  descriptor: number,
  bytes: number,
  model: Uint8Array,
  checksum: Checksum,
): Generator<BlockHead, void, undefined> {
  let at = 0;
  while (at < bytes) {
    const head = readHead(descriptor, at, model, checksum);
    const end = head && head.offset + (head.keys.length / KEY_BYTES) * rowBytes(head.cols);
    if (head) yield { ...head, keys: head.keys.subarray(0, KEY_BYTES * wholeRows(head, bytes)) };
    if (end !== undefined && (end === bytes || isMagic(descriptor, end))) at = end;
    else at = findMagic(descriptor, head ? head.offset : at + 1, bytes);
  }
}

/** Rows of a block that the file has, which a kill may have cut short. */
function wholeRows({ cols, offset }: BlockHead, bytes: number): number {
  return Math.floor((bytes - offset) / rowBytes(cols));
}

function readHead(descriptor: number, at: number, model: Uint8Array, checksum: Checksum): BlockHead | undefined {
  const start = Buffer.alloc(AT.keys);
  if (readSync(descriptor, start, 0, AT.keys, at) < AT.keys || start.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length))
    return undefined;
  const [rows, cols] = [start.readUInt32LE(AT.rows), start.readUInt32LE(AT.cols)];
  if (rows > MOST_ROWS || cols > MOST_COLS) return undefined;
  if (start.compare(model, 0, KEY_BYTES, AT.model, AT.model + KEY_BYTES) !== 0) return undefined;
  const head = Buffer.alloc(AT.keys + rows * KEY_BYTES);
  if (readSync(descriptor, head, 0, head.length, at) < head.length) return undefined;
  if (head.readBigUInt64LE(AT.checksum) !== headChecksum(head, rows, checksum)) return undefined;
  return { cols, keys: head.subarray(AT.keys), offset: at + head.length };
}

function isMagic(descriptor: number, at: number): boolean {
  const found = Buffer.alloc(MAGIC.length);
  return readSync(descriptor, found, 0, found.length, at) === found.length && found.equals(MAGIC);
}

/** The next place at or behind `from` where a block may begin; `bytes` where there is none. */
function findMagic(descriptor: number, from: number, bytes: number): number {
  const chunk = Buffer.alloc(SEARCHED_AT_ONCE);
  for (let at = from; at < bytes; at += SEARCHED_AT_ONCE - MAGIC.length) {
    const count = readSync(descriptor, chunk, 0, chunk.length, at);
    const found = chunk.subarray(0, count).indexOf(MAGIC);
    if (found >= 0) return at + found;
    if (count < chunk.length) break;
  }
  return bytes;
}
