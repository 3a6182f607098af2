import { gzipSync } from 'node:zlib';
import type { Sink } from '@coreset/core';
import type { Compression } from '../kinds.js';

/** So much is packed at once and by itself; readers unpack what follows as the same file. */
const MEMBER_BYTES = 1 << 22;

/** Let `produce` write to the sink through a packer, which holds a few megabytes at most. */
export async function packed(
  compression: Compression,
  sink: Sink,
  produce: (sink: Sink) => Promise<void>,
): Promise<void> {
  if (compression === 'none') return produce(sink);
  // What packs zstd is loaded when it is needed.
  const zstd = compression === 'zstd' ? await import('../bytes/zstd.js') : undefined;
  await zstd?.loadZstd();
  const pack = (bytes: Buffer): Uint8Array => zstd?.packZstd(bytes) ?? gzipSync(bytes);
  let pieces: Uint8Array[] = [];
  let held = 0;
  let members = 0;
  const flush = (): void => {
    sink.write(pack(Buffer.concat(pieces)));
    pieces = [];
    held = 0;
    members++;
  };
  await produce({
    write(bytes) {
      pieces.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      held += bytes.length;
      if (held >= MEMBER_BYTES) flush();
    },
  });
  if (held > 0 || members === 0) flush();
}
