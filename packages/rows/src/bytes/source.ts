import { type FileHandle, open } from 'node:fs/promises';
import { fileError } from '@coreset/core';

/** Bytes that are read in pieces, from a file or from an address. */
export interface ByteSource {
  /** What messages call it: a path or an address. */
  name: string;
  byteLength: number;
  /** The bytes from `start` up to `end`. */
  slice(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Open a local file.
 * @throws CoresetError when it cannot be opened
 */
export async function fileSource(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  let byteLength: number;
  try {
    handle = await open(path, 'r');
    byteLength = (await handle.stat()).size;
  } catch (error) {
    throw fileError('read', path, error);
  }
  return {
    name: path,
    byteLength,
    async slice(start, end): Promise<Buffer> {
      const buffer = Buffer.allocUnsafeSlow(end - start);
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await handle.read(buffer, done, buffer.length - done, start + done);
        if (bytesRead === 0) throw new Error('it ends too early');
        done += bytesRead;
      }
      return buffer;
    },
    close: () => handle.close(),
  };
}
