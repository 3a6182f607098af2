import { Decompress } from 'fzstd';
import createXxhash from 'xxhash-wasm';

const SKIPPABLE = 0x184d2a50;
const FRAME = 0xfd2fb528;
/** A few bytes may unpack to 128 KiB, so only so many are unpacked at once. */
const SLICE_BYTES = 1 << 12;

/**
 * Unpack zstd data: any number of frames, skippable ones too, with their checksums.
 * @throws Error when the data is cut short or damaged
 */
export async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { create64 } = await createXxhash();
  const frames = new FrameWalk();
  let hash = create64();
  let unpacked: Buffer[] = [];
  const fresh = (): Decompress => new Decompress((bytes) => unpacked.push(Buffer.from(bytes)));
  let frame = fresh();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const piece = frames.next(chunk.subarray(at, at + SLICE_BYTES));
      at += piece.length;
      if (piece.kind === 'data') frame.push(chunk.subarray(at - piece.length, at), piece.ends);
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

interface Piece {
  /** How many of the bytes given belong to it. */
  length: number;
  /** Whether the decoder needs them. */
  kind: 'data' | 'skip';
  /** Whether a frame ends with it. */
  ends: boolean;
  /** Of the frame that ends: the low half of the XXH64 of its content. */
  checksum?: number;
}

/** Follows the frames of zstd data by their headers, which the decoder does not tell of, across pieces of any length. */
class FrameWalk {
  private expects: 'magic' | 'skip size' | 'descriptor' | 'block' | 'checksum' = 'magic';
  private header: number[] = [];
  private needed = 4;
  /** Bytes that follow and are of no interest here. */
  private pass = 0;
  private last = false;
  private checksummed = false;
  private skipping = false;

  /** Whether the data may end here. */
  get complete(): boolean {
    return this.expects === 'magic' && this.header.length === 0 && this.pass === 0;
  }

  /** Take the bytes up to the end of the frame that they belong to. */
  next(bytes: Uint8Array): Piece {
    let at = 0;
    while (at < bytes.length) {
      if (this.pass > 0) {
        const step = Math.min(this.pass, bytes.length - at);
        this.pass -= step;
        at += step;
      } else {
        this.header.push(bytes[at++]);
      }
      if (this.pass === 0 && this.header.length === this.needed) this.understand();
      if (this.pass === 0 && this.ended) return this.end(at);
    }
    return { length: at, kind: this.skipping ? 'skip' : 'data', ends: false };
  }

  private ended = false;
  private checksum: number | undefined;

  private end(length: number): Piece {
    const piece: Piece = { length, kind: this.skipping ? 'skip' : 'data', ends: true, checksum: this.checksum };
    this.ended = false;
    this.checksum = undefined;
    this.skipping = false;
    this.expect('magic', 4);
    return piece;
  }

  private expect(what: FrameWalk['expects'], bytes: number): void {
    this.expects = what;
    this.needed = bytes;
    this.header = [];
  }

  private understand(): void {
    const number = this.header.reduceRight((sum, byte) => sum * 256 + byte, 0);
    switch (this.expects) {
      case 'magic':
        this.skipping = number - (number % 16) === SKIPPABLE;
        if (!this.skipping && number !== FRAME) throw new Error('no zstd frame where one must begin');
        return this.skipping ? this.expect('skip size', 4) : this.expect('descriptor', 1);
      case 'skip size':
        this.pass = number;
        this.ended = true;
        this.header = [];
        return;
      case 'descriptor': {
        const singleSegment = (number >> 5) & 1;
        this.checksummed = ((number >> 2) & 1) === 1;
        const contentSize = [singleSegment, 2, 4, 8][number >> 6];
        this.pass = 1 - singleSegment + contentSize + [0, 1, 2, 4][number & 3];
        this.last = false;
        return this.expect('block', 3);
      }
      case 'block': {
        this.last = (number & 1) === 1;
        const runLength = ((number >> 1) & 3) === 1;
        this.pass = runLength ? 1 : number >> 3;
        if (!this.last) return this.expect('block', 3);
        if (this.checksummed) return this.expect('checksum', 4);
        this.header = [];
        this.ended = true;
        return;
      }
      case 'checksum':
        this.checksum = number;
        this.ended = true;
        this.header = [];
    }
  }
}
