/** LZ4 blocks and frames. Own code: of the libraries for it none both packs blocks and checks the bounds of what it unpacks. */

const MIN_MATCH = 4;
/** The format asks for this many bytes behind the start of the last match, and 5 behind its end. */
const LAST_MATCH_START = 12;
const LAST_LITERALS = 5;
const MAX_OFFSET = 0xffff;
const HASH_BITS = 14;

/** Pack bytes into one LZ4 block. */
export function packLz4Block(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const out = Buffer.allocUnsafe(input.length + Math.ceil(input.length / 255) + 16);
  const seen = new Int32Array(1 << HASH_BITS).fill(-1);
  let at = 0;
  let done = 0;
  let used = 0;
  const writeLength = (length: number): void => {
    let left = length - 15;
    for (; left >= 255; left -= 255) out[used++] = 255;
    out[used++] = left;
  };
  const writeLiterals = (end: number, matchLength: number): void => {
    const count = end - done;
    out[used++] = (Math.min(count, 15) << 4) | Math.min(matchLength, 15);
    if (count >= 15) writeLength(count);
    out.set(input.subarray(done, end), used);
    used += count;
  };
  let misses = 0;
  while (at <= input.length - LAST_MATCH_START) {
    const four = view.getUint32(at, true);
    const slot = Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
    const match = seen[slot];
    seen[slot] = at;
    if (match < 0 || at - match > MAX_OFFSET || view.getUint32(match, true) !== four) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    misses = 0;
    let end = at + MIN_MATCH;
    while (end < input.length - LAST_LITERALS && input[end] === input[match + end - at]) end++;
    const length = end - at - MIN_MATCH;
    writeLiterals(at, length);
    out[used++] = (at - match) & 255;
    out[used++] = (at - match) >> 8;
    if (length >= 15) writeLength(length);
    at = end;
    done = end;
  }
  writeLiterals(input.length, 0);
  return out.subarray(0, used);
}

/**
 * Unpack one LZ4 block into `output` from `start` on; matches may reach back into what lies before.
 * @returns where the unpacked bytes end
 * @throws Error when the block is damaged
 */
export function unpackLz4Block(input: Uint8Array, output: Uint8Array, start: number): number {
  let at = 0;
  let end = start;
  const readLength = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let byte: number;
      do {
        if (at >= input.length) throw new Error('an LZ4 block is damaged');
        byte = input[at++];
        length += byte;
      } while (byte === 255);
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++];
    const literals = readLength(token >> 4);
    if (at + literals > input.length || end + literals > output.length) throw new Error('an LZ4 block is damaged');
    output.set(input.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at >= input.length) break;
    const offset = input[at] | (input[at + 1] << 8);
    at += 2;
    const length = readLength(token & 15) + MIN_MATCH;
    if (offset === 0 || offset > end || end + length > output.length) throw new Error('an LZ4 block is damaged');
    if (offset >= length) output.copyWithin(end, end - offset, end - offset + length);
    else for (let i = 0; i < length; i++) output[end + i] = output[end + i - offset];
    end += length;
  }
  return end;
}

const FRAME_MAGIC = 0x184d2204;
/** Magic, version 1 with independent blocks of at most 4 MiB, and the checksum of these two bytes. */
const FRAME_HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73);
const FRAME_BLOCK_BYTES = 4 << 20;
const IS_RAW = 0x80000000;

/** Pack bytes into an LZ4 frame. */
export function packLz4Frame(input: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [FRAME_HEADER];
  const size = (value: number): Uint8Array => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return bytes;
  };
  for (let at = 0; at < input.length; at += FRAME_BLOCK_BYTES) {
    const block = input.subarray(at, at + FRAME_BLOCK_BYTES);
    const packed = packLz4Block(block);
    if (packed.length < block.length) parts.push(size(packed.length), packed);
    else parts.push(size(block.length + IS_RAW), block);
  }
  return Buffer.concat([...parts, size(0)]);
}

/**
 * Unpack an LZ4 frame of `length` bytes.
 * @throws Error when it is damaged
 */
export function unpackLz4Frame(input: Uint8Array, length: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  if (view.getUint32(0, true) !== FRAME_MAGIC) throw new Error('an LZ4 frame has another beginning');
  const flags = view.getUint8(4);
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const output = new Uint8Array(length);
  let end = 0;
  for (;;) {
    const head = view.getUint32(at, true);
    if (head === 0) break;
    const size = head & ~IS_RAW;
    const block = input.subarray(at + 4, at + 4 + size);
    if (block.length !== size) throw new Error('an LZ4 frame is cut short');
    if (head & IS_RAW) {
      output.set(block, end);
      end += size;
    } else end = unpackLz4Block(block, output, end);
    at += 4 + size + (flags & 16 ? 4 : 0);
  }
  if (end !== length) throw new Error('an LZ4 frame has another length than is said');
  return output;
}
