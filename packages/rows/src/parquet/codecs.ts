import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { snappyUncompressor } from 'hysnappy';
import { packLz4Block, unpackLz4Block } from '../bytes/lz4.js';
import { packZstd, unpackZstd } from '../bytes/zstd.js';

/** Packs and unpacks the pages of a column chunk. */
export interface Codec {
  name: string;
  pack(bytes: Uint8Array): Uint8Array;
  /** @throws Error when the bytes are damaged or are not `length` unpacked */
  unpack(bytes: Uint8Array, length: number): Uint8Array;
}

/** Of the levels up to 11; those above take several times as long for a few per cent. */
const BROTLI_LEVEL = 5;

const unpackSnappy = snappyUncompressor();

/** The codecs by their numbers in parquet.thrift. */
const CODECS: (Codec | undefined)[] = [
  { name: 'UNCOMPRESSED', pack: (bytes) => bytes, unpack: (bytes) => bytes },
  { name: 'SNAPPY', pack: snappyCompress, unpack: unpackSnappy },
  {
    name: 'GZIP',
    pack: (bytes) => gzipSync(bytes),
    unpack: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  },
  undefined,
  {
    name: 'BROTLI',
    pack: (bytes) =>
      brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_LEVEL, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
    unpack: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  },
  { name: 'LZ4', pack: packHadoopLz4, unpack: unpackHadoopLz4 },
  { name: 'ZSTD', pack: packZstd, unpack: unpackZstd },
  { name: 'LZ4_RAW', pack: packLz4Block, unpack: unpackLz4 },
];
const NAMES = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'];

/** The name of a codec by its number in parquet.thrift. */
export function codecName(number: number): string {
  return NAMES[number] ?? `number ${number}`;
}

/** A codec by its number in parquet.thrift, or undefined where it is not known. */
export function findCodec(number: number): Codec | undefined {
  const codec = CODECS[number];
  return codec && { ...codec, unpack: (bytes, length) => unpackExactly(codec, bytes, length) };
}

function unpackExactly(codec: Codec, bytes: Uint8Array, length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  const unpacked = codec.unpack(bytes, length);
  if (unpacked.length !== length) throw new Error('a page has another length than its header says');
  return unpacked;
}

function unpackLz4(bytes: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  return output.subarray(0, unpackLz4Block(bytes, output, 0));
}

/** Hadoop puts the two lengths of each block before it, the highest byte first. */
function packHadoopLz4(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  const packed = packLz4Block(bytes);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt32BE(packed.length, 4);
  return Buffer.concat([head, packed]);
}

/** Some writers leave Hadoop's lengths out: then they do not fit. */
function unpackHadoopLz4(bytes: Uint8Array, length: number): Uint8Array {
  try {
    return unpackLz4WithLengths(bytes, length);
  } catch {
    return unpackLz4(bytes, length);
  }
}

function unpackLz4WithLengths(bytes: Uint8Array, length: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const output = new Uint8Array(length);
  let at = 0;
  let end = 0;
  while (at < bytes.length) {
    const blockEnd = end + view.getUint32(at);
    const packed = bytes.subarray(at + 8, at + 8 + view.getUint32(at + 4));
    if (unpackLz4Block(packed, output, end) !== blockEnd) throw new Error('the lengths do not fit');
    at += 8 + packed.length;
    end = blockEnd;
  }
  if (end !== length) throw new Error('the lengths do not fit');
  return output;
}
