import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { fileError } from './file-error.js';

const CHUNK_BYTES = 1 << 22;

/**
 * SHA-256 of a file, in hexadecimal.
 * @throws CoresetError when it cannot be read
 */
export function hashFile(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    const descriptor = openSync(path, 'r');
    try {
      for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
        hash.update(chunk.subarray(0, count));
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError('read', path, error);
  }
  return hash.digest('hex');
}
