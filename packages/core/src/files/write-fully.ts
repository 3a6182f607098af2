import { writeSync } from 'node:fs';

const MAX_WRITE_BYTES = 1 << 30;

/** Write all bytes, from `position` of the file on or where the last write ended: a full disk takes only some at first. */
export function writeFully(descriptor: number, bytes: Uint8Array, position?: number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = Math.min(MAX_WRITE_BYTES, bytes.length - done);
    done += writeSync(descriptor, bytes, done, count, position === undefined ? undefined : position + done);
  }
}
