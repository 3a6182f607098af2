import { createReadStream } from 'node:fs';
import { fileError } from '@coreset/core';

const CHUNK_BYTES = 1 << 18;

/** So many bytes of a file from a position on. */
export async function* readRange(path: string, start: number, bytes: number): AsyncGenerator<Buffer, void, undefined> {
  if (bytes === 0) return;
  const stream = createReadStream(path, { start, end: start + bytes - 1, highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    stream.destroy();
  }
}
