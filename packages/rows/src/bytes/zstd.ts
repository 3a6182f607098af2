import { decompressZstd } from 'hyparquet-compressors';

const LEVEL = 3;
let zstd: typeof import('@bokuweb/zstd-wasm') | undefined;
let loading: Promise<void> | undefined;

/** {@link packZstd} works only after this. */
export function loadZstd(): Promise<void> {
  // A second start would take the memory of what is packed at the moment.
  loading ??= start();
  return loading;
}

async function start(): Promise<void> {
  const loaded = await import('@bokuweb/zstd-wasm');
  await loaded.init();
  zstd = loaded;
}

/** Pack bytes into a ZSTD frame. */
export function packZstd(bytes: Uint8Array): Uint8Array {
  if (zstd === undefined) throw new Error('ZSTD has not been loaded');
  return zstd.compress(bytes, LEVEL);
}

/**
 * Unpack ZSTD frames.
 * @throws Error when they are damaged
 */
export function unpackZstd(bytes: Uint8Array): Uint8Array {
  return decompressZstd(bytes);
}
