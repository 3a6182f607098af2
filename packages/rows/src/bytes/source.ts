import { type FileHandle, open } from 'node:fs/promises';
import { CoresetError, fileError } from '@coreset/core';

/** Bytes that are read in pieces, from a file or from an address. */
export interface ByteSource {
  /** What messages call it: a path or an address. */
  name: string;
  byteLength: number;
  /** The bytes from `start` up to `end`. */
  slice(start: number, end: number): Promise<Buffer>;
  /** Free what is held open; what is read afterwards opens it again. */
  close(): Promise<void>;
}

/**
 * Open a local file.
 * @throws CoresetError when it cannot be opened
 */
export async function fileSource(path: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  const opened = async (): Promise<FileHandle> => {
    try {
      handle ??= await open(path, 'r');
      return handle;
    } catch (error) {
      throw fileError('read', path, error);
    }
  };
  const close = async (): Promise<void> => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  let byteLength: number;
  try {
    byteLength = (await (await opened()).stat()).size;
  } catch (error) {
    await close();
    throw CoresetError.isInstance(error) ? error : fileError('read', path, error);
  }
  return {
    name: path,
    byteLength,
    close,
    async slice(start, end): Promise<Buffer> {
      const file = await opened();
      const buffer = Buffer.allocUnsafeSlow(end - start);
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await file.read(buffer, done, buffer.length - done, start + done);
        if (bytesRead === 0) throw new Error('it ends too early');
        done += bytesRead;
      }
      return buffer;
    },
  };
}
