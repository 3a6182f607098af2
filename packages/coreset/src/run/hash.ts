import { createHash } from 'node:crypto';

/** SHA-256 of a JSON-serialisable value; undefined fields do not count. */
export function hashValue(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
