/** Parquet's hybrid of run lengths and packed bits, in which levels, dictionary indices and booleans are written. */

/** Bits that hold all numbers up to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max);
}

/**
 * Unpack `output.length` numbers of `width` bits.
 * @throws Error when the bytes end before
 */
export function unpackHybrid(bytes: Uint8Array, width: number, output: Uint8Array | Int32Array): void {
  if (width > 32) throw new Error('a page has numbers of more than 32 bits');
  if (width === 0) return;
  const byteWidth = Math.ceil(width / 8);
  let at = 0;
  let done = 0;
  while (done < output.length) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) throw new Error('a page is cut short');
      head += (bytes[at] & 127) * 2 ** shift;
      if (bytes[at++] < 128) break;
    }
    if (head % 2 === 1) {
      const count = Math.min(((head - 1) / 2) * 8, output.length - done);
      if (at + Math.ceil((count * width) / 8) > bytes.length) throw new Error('a page is cut short');
      unpackBits(bytes, at, width, output, done, count);
      at += ((head - 1) / 2) * width;
      done += count;
    } else {
      if (at + byteWidth > bytes.length) throw new Error('a page is cut short');
      let value = 0;
      for (let i = 0; i < byteWidth; i++) value |= bytes[at + i] << (8 * i);
      at += byteWidth;
      const end = Math.min(done + head / 2, output.length);
      output.fill(value, done, end);
      done = end;
    }
  }
}

function unpackBits(
  bytes: Uint8Array,
  at: number,
  width: number,
  output: Uint8Array | Int32Array,
  start: number,
  count: number,
): void {
  if (width === 8) {
    for (let i = 0; i < count; i++) output[start + i] = bytes[at + i];
    return;
  }
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  let bit = at * 8;
  for (let i = 0; i < count; i++, bit += width) {
    const byte = bit >>> 3;
    const shift = bit & 7;
    if (shift + width <= 24)
      output[start + i] = ((bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16)) >>> shift) & mask;
    else output[start + i] = wideBits(bytes, byte, shift, width) | 0;
  }
}

function wideBits(bytes: Uint8Array, byte: number, shift: number, width: number): number {
  let value = 0;
  for (let i = 4; i >= 0; i--) value = value * 256 + (bytes[byte + i] ?? 0);
  return Math.floor(value / 2 ** shift) % 2 ** width;
}

/** Pack numbers of `width` bits: eight or more that are alike as a run, others as bits. */
export function packHybrid(values: Uint8Array | Int32Array, count: number, width: number): Uint8Array {
  const byteWidth = Math.ceil(width / 8);
  // Bits take no more than this; each run saves at least what its header costs, or is one of few bits.
  const out = new Uint8Array(count * byteWidth + Math.ceil(count / 8) * (6 + byteWidth) + 16);
  let used = 0;
  const writeHead = (head: number): void => {
    let left = head;
    for (; left >= 128; left = Math.floor(left / 128)) out[used++] = (left % 128) | 128;
    out[used++] = left;
  };
  let bitsFrom = 0;
  const writeBits = (end: number): void => {
    if (end === bitsFrom) return;
    const groups = Math.ceil((end - bitsFrom) / 8);
    writeHead(groups * 2 + 1);
    for (let i = bitsFrom, bit = used * 8; i < end; i++, bit += width) putBits(out, bit, width, values[i]);
    used += groups * width;
  };
  let at = 0;
  while (at < count) {
    let end = at + 1;
    while (end < count && values[end] === values[at]) end++;
    // What stands before a run as bits must be whole groups of eight.
    const runFrom = bitsFrom + Math.ceil((at - bitsFrom) / 8) * 8;
    if (end - runFrom >= 8) {
      writeBits(runFrom);
      writeHead((end - runFrom) * 2);
      for (let i = 0; i < byteWidth; i++) out[used++] = values[at] >>> (8 * i);
      bitsFrom = end;
    }
    at = end;
  }
  writeBits(count);
  return out.subarray(0, used);
}

function putBits(out: Uint8Array, bit: number, width: number, value: number): void {
  let left = width;
  let rest = value >>> 0;
  let at = bit;
  while (left > 0) {
    const shift = at & 7;
    const taken = Math.min(8 - shift, left);
    out[at >>> 3] |= (rest & ((1 << taken) - 1)) << shift;
    rest = rest >>> taken;
    at += taken;
    left -= taken;
  }
}
