import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import {
  CoresetError,
  fileError,
  isSystemError,
  messageOf,
  NPY_PREAMBLE_BYTES,
  npyDataOffset,
  npyHeaderWithRows,
  parseNpyHeader,
  requireNpyLength,
  type Sink,
} from '@coreset/core';
import crc32 from 'crc-32';
import yauzl, { type Entry } from 'yauzl';
import yazl from 'yazl';
import type { KeepRow } from '../row.js';
import { readRange } from './file-range.js';
import { countKept, hasRows, keptBytes, requireCuttableRows, type StoredArray, skipBytes } from './stored-array.js';

const STORED = 0;
const DEFLATED = 8;

/** A file in a `.npz` file, which is a zip file. */
interface NpzMember {
  /** With its extension. */
  fileName: string;
  entry: Entry;
  /** Where its bytes begin in the file, packed or not. */
  offset: number;
}

/** An array of a `.npz` file with the bytes before its elements. */
interface NpzArray extends StoredArray {
  head: Buffer;
  member: NpzMember;
}

/**
 * The arrays of a `.npz` file.
 * @throws CoresetError when it is no zip file, damaged, or packed in a way that NumPy does not know
 */
export async function readNpz(path: string): Promise<StoredArray[]> {
  return arraysOf(path, await membersOf(path));
}

async function membersOf(path: string): Promise<NpzMember[]> {
  const members: NpzMember[] = [];
  try {
    const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
    try {
      for await (const entry of zip.eachEntry()) {
        const { fileName, compressionMethod } = entry;
        if (entry.isEncrypted() || (compressionMethod !== STORED && compressionMethod !== DEFLATED))
          throw new CoresetError(
            `${path}: '${fileName}' is encrypted or packed in an unknown way; save it again with numpy.savez`,
          );
        const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
        members.push({ fileName, entry, offset: fileDataStart });
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    throw isSystemError(error) ? fileError('read', path, error) : damaged(path, error);
  }
  return members;
}

async function arraysOf(path: string, members: NpzMember[]): Promise<NpzArray[]> {
  const arrays: NpzArray[] = [];
  for (const member of members) {
    if (!member.fileName.endsWith('.npy')) continue;
    const name = member.fileName.slice(0, -4);
    const title = `${path}, array '${name}'`;
    const head = await headOf(readMember(path, member), member.entry.uncompressedSize, title);
    const header = { ...parseNpyHeader(head, title), dataOffset: 0 };
    const bytes = member.entry.uncompressedSize - head.length;
    requireNpyLength(header, bytes);
    arrays.push({
      name,
      header,
      head,
      member,
      bytes,
      offset: member.entry.compressionMethod === STORED ? member.offset + head.length : undefined,
      read: () => skipBytes(readMember(path, member), head.length),
    });
  }
  return arrays;
}

/** The bytes before the elements of an array. */
async function headOf(chunks: AsyncGenerator<Buffer>, fileBytes: number, title: string): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    head = Buffer.concat([head, chunk]);
    if (head.length < NPY_PREAMBLE_BYTES) continue;
    const needed = npyDataOffset(head, fileBytes, title);
    if (head.length >= needed) return head.subarray(0, needed);
  }
  npyDataOffset(head, head.length, title);
  return head;
}

/** The bytes of a member, unpacked; at their end they are checked. */
async function* readMember(path: string, { fileName, entry, offset }: NpzMember): AsyncGenerator<Buffer> {
  const packed = readRange(path, offset, entry.compressedSize);
  let checksum = 0;
  let bytes = 0;
  try {
    for await (const chunk of entry.compressionMethod === STORED ? packed : inflated(packed)) {
      checksum = crc32.buf(chunk, checksum);
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) break;
      yield chunk;
    }
  } catch (error) {
    throw damaged(path, error);
  }
  if (bytes !== entry.uncompressedSize || checksum >>> 0 !== entry.crc32)
    throw damaged(path, `'${fileName}' does not match its checksum`);
}

async function* inflated(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false });
  const stream = source.pipe(createInflateRaw({ chunkSize: 1 << 18 }));
  source.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    source.destroy();
    stream.destroy();
  }
}

function damaged(path: string, error: unknown): CoresetError {
  return CoresetError.isInstance(error)
    ? error
    : new CoresetError(`${path}: not a .npz file, cut short or damaged (${messageOf(error).slice(0, 160)})`);
}

/**
 * Write a `.npz` file with the kept rows: of each array that has as many rows as the vectors, the same rows are kept;
 * the others and files that are no arrays are copied. What was packed is packed.
 * @param rows of the vectors
 */
export async function writeKeptNpz(path: string, rows: number, keep: KeepRow, sink: Sink): Promise<void> {
  const members = await membersOf(path);
  const arrays = await arraysOf(path, members);
  requireCuttableRows(arrays, rows);
  const kept = countKept(rows, keep);
  const zip = new yazl.ZipFile();
  const fail = (error: unknown): void => void zip.emit('error', error);
  for (const member of members) {
    const array = arrays.find((candidate) => candidate.member === member);
    const content = array !== undefined && hasRows(array, rows) ? cut(array, kept, keep) : readMember(path, member);
    const { entry } = member;
    zip.addReadStreamLazy(
      member.fileName,
      {
        compress: entry.compressionMethod === DEFLATED,
        mtime: entry.getLastModDate({ forceDosFormat: true }),
        forceDosTimestamp: true,
      },
      (use) => use(null, Readable.from(content, { objectMode: false }).on('error', fail)),
    );
  }
  const output = zip.outputStream as Readable;
  zip.on('error', (error) => output.destroy(error));
  zip.end();
  for await (const chunk of output) sink.write(chunk as Buffer);
}

async function* cut(array: NpzArray, kept: number, keep: KeepRow): AsyncGenerator<Buffer> {
  yield npyHeaderWithRows(array.head, kept);
  yield* keptBytes(array, keep);
}
