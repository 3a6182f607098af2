import { Decompress } from 'fzstd';
import createXxhash from 'xxhash-wasm';
import { ZstdFrames } from './zstd-frames.js';

/** A few bytes may unpack to 128 KiB, so only so many are unpacked at once. */
const SLICE_BYTES = 1 << 12;

/**
 * Unpack zstd data: any number of frames, skippable ones too, with their checksums.
 * @throws Error when the data is cut short or damaged
 */
export async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { create64 } = await createXxhash();
  const frames = new ZstdFrames();
  let hash = create64();
  let unpacked: Buffer[] = [];
  const fresh = (): Decompress => new Decompress((bytes) => unpacked.push(Buffer.from(bytes)));
  let frame = fresh();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const piece = frames.next(chunk.subarray(at, at + SLICE_BYTES));
      at += piece.length;
      if (!piece.skippable) frame.push(chunk.subarray(at - piece.length, at), piece.ends);
      for (const bytes of unpacked) hash.update(bytes);
      yield* unpacked;
      unpacked = [];
      if (!piece.ends) continue;
      if (piece.checksum !== undefined && piece.checksum !== Number(hash.digest() & 0xffffffffn))
        throw new Error('a checksum does not match');
      hash = create64();
      frame = fresh();
    }
  }
  if (!frames.complete) throw new Error('unexpected end of file');
}
