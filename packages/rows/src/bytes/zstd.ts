import * as zstd from '@bokuweb/zstd-wasm';
import { decompressZstd } from 'hyparquet-compressors';

const LEVEL = 3;
let loaded: Promise<void> | undefined;

/** {@link packZstd} works only after this. */
export function loadZstd(): Promise<void> {
  // A second start would take the memory of what is packed at the moment.
  loaded ??= zstd.init();
  return loaded;
}

/** Pack bytes into a ZSTD frame. */
export function packZstd(bytes: Uint8Array): Uint8Array {
  return zstd.compress(bytes, LEVEL);
}

/**
 * Unpack ZSTD frames.
 * @throws Error when they are damaged
 */
export function unpackZstd(bytes: Uint8Array): Uint8Array {
  return decompressZstd(bytes);
}
