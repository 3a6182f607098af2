import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CoresetError, fileError, messageOf } from '@coreset/core';
import type { Compression } from '../format.js';

const CHUNK_BYTES = 1 << 18;

/** The bytes of a file, unpacked where it is packed. */
export async function* readBytes(path: string, compression: Compression): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = compression === 'gzip' ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
  if (compression === 'gzip') file.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('Z_'))
      throw new CoresetError(`${path}: the gzip data is cut short or damaged (${messageOf(error)})`);
    throw fileError('read', path, error);
  } finally {
    file.destroy();
  }
}

/** One line of a text file. */
export interface Line {
  /** 1 for the first line. */
  number: number;
  /** The line's bytes with its line break, exactly as in the file. */
  bytes: Buffer;
}

const LINE_FEED = 10;

/** The lines of a file; a line break at its end starts no further line. */
export async function* readLines(path: string, compression: Compression): AsyncGenerator<Line, void, undefined> {
  let number = 0;
  let pieces: Buffer[] = [];
  for await (const chunk of readBytes(path, compression)) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      pieces.push(chunk.subarray(start, end + 1));
      yield { number: ++number, bytes: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces) };
      pieces = [];
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield { number: ++number, bytes: Buffer.concat(pieces) };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Decode UTF-8 strictly, without a byte-order mark and the line break.
 * @throws CoresetError when the bytes are not UTF-8
 */
export function decodeLine(line: Line, path: string): string {
  try {
    return decoder.decode(line.bytes).replace(/\r?\n$/, '');
  } catch {
    throw new CoresetError(`${path}, line ${line.number}: not valid UTF-8; convert the file to UTF-8 first`);
  }
}

/** The same chunks, checked to be UTF-8. */
export async function* requireUtf8(
  chunks: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const strict = new TextDecoder('utf-8', { fatal: true });
  let offset = 0;
  const check = (chunk: Buffer | undefined): void => {
    try {
      strict.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new CoresetError(`${path}: not valid UTF-8 near byte ${offset}; convert the file to UTF-8 first`);
    }
  };
  for await (const chunk of chunks) {
    check(chunk);
    offset += chunk.length;
    yield chunk;
  }
  check(undefined);
}
