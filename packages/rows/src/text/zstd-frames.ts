const SKIPPABLE = 0x184d2a50;
const FRAME = 0xfd2fb528;

/** Bytes of one frame. */
export interface FramePiece {
  /** How many of the bytes given belong to it. */
  length: number;
  /** Whether the frame is a skippable one, which holds no data. */
  skippable: boolean;
  /** Whether the frame ends with them. */
  ends: boolean;
  /** Of a frame that ends and has a checksum: the low half of the XXH64 of its content. */
  checksum?: number;
}

/**
 * Follows the frames of zstd data (RFC 8878) by their headers, across pieces of any length: the decoder neither tells
 * where a frame ends nor looks at its checksum.
 */
export class ZstdFrames {
  private part: 'magic' | 'skippable size' | 'descriptor' | 'block' | 'checksum' | 'end' = 'magic';
  /** How many bytes the part has, and those read of it. */
  private needed = 4;
  private read: number[] = [];
  /** How many bytes come before the part that are of no interest here. */
  private pass = 0;
  private skippable = false;
  private hasChecksum = false;
  private checksum: number | undefined;

  /** Whether the data may end here. */
  get complete(): boolean {
    return this.part === 'magic' && this.read.length === 0;
  }

  /**
   * Take bytes up to the end of the frame that they belong to.
   * @throws Error when they are no frame's
   */
  next(bytes: Uint8Array): FramePiece {
    let at = 0;
    while (at < bytes.length) {
      const step = Math.min(this.pass, bytes.length - at);
      this.pass -= step;
      at += step;
      if (this.pass === 0 && this.needed > 0 && at < bytes.length) this.read.push(bytes[at++]);
      if (this.needed > 0 && this.read.length === this.needed) this.understand();
      if (this.pass === 0 && this.part === 'end') return this.endFrame(at);
    }
    return { length: at, skippable: this.skippable, ends: false };
  }

  private endFrame(length: number): FramePiece {
    const piece = { length, skippable: this.skippable, ends: true, checksum: this.checksum };
    this.skippable = false;
    this.checksum = undefined;
    this.expect('magic', 4);
    return piece;
  }

  private expect(part: ZstdFrames['part'], needed: number, pass = 0): void {
    this.part = part;
    this.needed = needed;
    this.read = [];
    this.pass = pass;
  }

  /** Take in a part whose bytes are all there. */
  private understand(): void {
    const number = this.read.reduceRight((sum, byte) => sum * 256 + byte, 0);
    if (this.part === 'magic') {
      this.skippable = number - (number % 16) === SKIPPABLE;
      if (!this.skippable && number !== FRAME) throw new Error('no zstd frame where one must begin');
      if (this.skippable) this.expect('skippable size', 4);
      else this.expect('descriptor', 1);
    } else if (this.part === 'skippable size') {
      this.expect('end', 0, number);
    } else if (this.part === 'descriptor') {
      const singleSegment = (number >> 5) & 1;
      const contentSize = [singleSegment, 2, 4, 8][number >> 6];
      this.hasChecksum = ((number >> 2) & 1) === 1;
      this.expect('block', 3, 1 - singleSegment + contentSize + [0, 1, 2, 4][number & 3]);
    } else if (this.part === 'block') {
      const last = (number & 1) === 1;
      const runLength = ((number >> 1) & 3) === 1;
      const size = runLength ? 1 : number >> 3;
      if (!last) this.expect('block', 3, size);
      else if (this.hasChecksum) this.expect('checksum', 4, size);
      else this.expect('end', 0, size);
    } else {
      this.checksum = number;
      this.expect('end', 0);
    }
  }
}
