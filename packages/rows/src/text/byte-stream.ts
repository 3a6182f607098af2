import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CoresetError, fileError, isSystemError, messageOf } from '@coreset/core';
import type { Compression } from '../kinds.js';
import { unpackZstd } from './zstd.js';

const CHUNK_BYTES = 1 << 16;

/** The bytes of a file, unpacked where it is packed. */
export async function* readBytes(path: string, compression: Compression): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    if (compression === 'zstd') yield* unpackZstd(file);
    else if (compression === 'none') yield* file;
    else {
      const gunzip = file.pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
      file.on('error', (error) => gunzip.destroy(error));
      yield* gunzip;
    }
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code ?? '');
    if (!isSystemError(error) && (compression === 'zstd' || code.startsWith('Z_')))
      throw new CoresetError(`${path}: the ${compression} data is cut short or damaged (${messageOf(error)})`);
    throw fileError('read', path, error);
  } finally {
    file.destroy();
  }
}
