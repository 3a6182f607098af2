import type { ByteSource } from '../bytes/source.js';
import { codecName, findCodec } from './codecs.js';
import type { Chunk } from './footer.js';
import { bitWidth, unpackHybrid } from './levels.js';
import { ThriftReader, type ThriftStruct } from './thrift.js';
import { ENCODING, readValues, type Values } from './values.js';

const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
const HEADER_BYTES = 1 << 14;
/** A chunk is read in pieces of at most this size, so that one of a gigabyte is never in memory whole. */
const WINDOW_BYTES = 8 << 20;

/** The values of a data page, with the levels that say where they are absent and which belong together. */
export interface DataPage {
  /** Values with the absent ones: the length of the levels. */
  levelCount: number;
  /** Undefined where the column cannot repeat. */
  repetition?: Uint8Array;
  /** Undefined where no value of the page is absent. */
  definition?: Uint8Array;
  /** The values present; of a page with a dictionary the dictionary. */
  values: Values;
  /** Which entry of the dictionary each value present is. */
  indices?: Int32Array;
}

/** Bytes of a chunk, read on as they are needed. */
class Window {
  private bytes: Buffer = Buffer.alloc(0);
  private start: number;

  constructor(
    private readonly source: ByteSource,
    begin: number,
    private readonly end: number,
  ) {
    this.start = begin;
  }

  /** Up to `length` bytes from `at` on: fewer at the end of the chunk. */
  async take(at: number, length: number): Promise<Buffer> {
    const until = Math.min(this.end, at + length);
    if (at < this.start || until > this.start + this.bytes.length) {
      this.start = at;
      this.bytes = await this.source.slice(at, Math.max(until, Math.min(this.end, at + WINDOW_BYTES)));
    }
    return this.bytes.subarray(at - this.start, until - this.start);
  }
}

/**
 * The data pages of a column chunk, one at a time. Each header is checked before it is believed.
 * @throws Error when a page is damaged or of an unknown kind
 */
export async function* dataPages(source: ByteSource, chunk: Chunk): AsyncGenerator<DataPage, void, undefined> {
  const end = chunk.start + chunk.length;
  const window = new Window(source, chunk.start, end);
  let dictionary: Values | undefined;
  let left = chunk.valueCount;
  let at = chunk.start;
  while (left > 0) {
    const { header, length } = await readHeader(window, at, end);
    const packedSize = header.number(3) ?? -1;
    const isDamaged = new Error(`the header of the page at byte ${at} is damaged`);
    if (packedSize < 0 || at + length + packedSize > end || unpackedSize(header) < 0) throw isDamaged;
    if (unpackedSize(header) > (chunk.metadata.number(6) ?? 0)) throw isDamaged;
    const packed = await window.take(at + length, packedSize);
    const type = header.number(1);
    if (type === DICTIONARY_PAGE) {
      const count = header.struct(7)?.number(1) ?? -1;
      if (count < 0) throw isDamaged;
      dictionary = readValues(unpackPage(packed, header, chunk), ENCODING.plain, chunk.leaf, count);
    } else if (type === DATA_PAGE || type === DATA_PAGE_V2) {
      const count = header.struct(type === DATA_PAGE ? 5 : 8)?.number(1) ?? -1;
      if (count < 0 || count > left) throw isDamaged;
      left -= count;
      yield type === DATA_PAGE
        ? readDataPage(unpackPage(packed, header, chunk), header, chunk, dictionary)
        : readDataPageV2(packed, header, chunk, dictionary);
    }
    at += length + packedSize;
  }
}

async function readHeader(window: Window, at: number, end: number): Promise<{ header: ThriftStruct; length: number }> {
  if (at >= end) throw new Error('the pages of a column do not hold all its values');
  const parse = async (bytes: number): Promise<{ header: ThriftStruct; length: number }> => {
    const reader = new ThriftReader(await window.take(at, bytes));
    return { header: reader.struct(), length: reader.at };
  };
  try {
    return await parse(HEADER_BYTES);
  } catch (error) {
    // Statistics of long texts can make a header longer than that.
    if (end - at <= HEADER_BYTES) throw error;
    return parse(end - at);
  }
}

function unpackedSize(header: ThriftStruct): number {
  return header.number(2) ?? -1;
}

function unpackPage(packed: Uint8Array, header: ThriftStruct, chunk: Chunk): Uint8Array {
  return unpack(packed, unpackedSize(header), chunk);
}

function unpack(packed: Uint8Array, length: number, { codec, leaf }: Chunk): Uint8Array {
  const found = findCodec(codec);
  if (found === undefined)
    throw new Error(`the column '${leaf.path.join('.')}' is packed with ${codecName(codec)}, which is not known`);
  return found.unpack(packed, length);
}

function readDataPage(
  bytes: Uint8Array,
  header: ThriftStruct,
  { leaf }: Chunk,
  dictionary: Values | undefined,
): DataPage {
  const data = header.struct(5) as ThriftStruct;
  const levelCount = data.number(1) as number;
  let at = 0;
  const levels = (max: number, encoding: number | undefined): Uint8Array | undefined => {
    if (max === 0) return undefined;
    const output = new Uint8Array(levelCount);
    if (encoding === ENCODING.bitPacked) {
      const size = Math.ceil((levelCount * bitWidth(max)) / 8);
      unpackOldLevels(bytes.subarray(at, at + size), bitWidth(max), output);
      at += size;
    } else {
      if (at + 4 > bytes.length) throw new Error('a page is cut short');
      const size = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
      unpackHybrid(bytes.subarray(at + 4, at + 4 + size), bitWidth(max), output);
      at += 4 + size;
    }
    return output;
  };
  const repetition = levels(leaf.repetitionLevel, data.number(4));
  const definition = levels(leaf.definitionLevel, data.number(3));
  const encoding = data.number(2) ?? -1;
  return pageOf(bytes.subarray(at), encoding, { levelCount, repetition, definition }, leaf, dictionary);
}

function readDataPageV2(
  packed: Uint8Array,
  header: ThriftStruct,
  chunk: Chunk,
  dictionary: Values | undefined,
): DataPage {
  const { leaf } = chunk;
  const data = header.struct(8) as ThriftStruct;
  const levelCount = data.number(1) as number;
  const definitionSize = data.number(5) ?? 0;
  const repetitionSize = data.number(6) ?? 0;
  const levelsSize = definitionSize + repetitionSize;
  if (definitionSize < 0 || repetitionSize < 0 || levelsSize > packed.length) throw new Error('a page is cut short');
  const levels = (max: number, from: number, to: number): Uint8Array | undefined => {
    if (max === 0) return undefined;
    const output = new Uint8Array(levelCount);
    unpackHybrid(packed.subarray(from, to), bitWidth(max), output);
    return output;
  };
  const repetition = levels(leaf.repetitionLevel, 0, repetitionSize);
  const definition = levels(leaf.definitionLevel, repetitionSize, levelsSize);
  const rest = packed.subarray(levelsSize);
  const isPacked = data.boolean(7) ?? true;
  const bytes = isPacked ? unpack(rest, Math.max(0, unpackedSize(header) - levelsSize), chunk) : rest;
  return pageOf(bytes, data.number(4) ?? -1, { levelCount, repetition, definition }, leaf, dictionary);
}

function pageOf(
  bytes: Uint8Array,
  encoding: number,
  levels: Pick<DataPage, 'levelCount' | 'repetition' | 'definition'>,
  leaf: Chunk['leaf'],
  dictionary: Values | undefined,
): DataPage {
  const { levelCount, repetition, definition } = levels;
  let count = levelCount;
  if (definition) {
    for (const level of definition) {
      if (level > leaf.definitionLevel) throw new Error('a page has levels beyond those of the schema');
      if (level !== leaf.definitionLevel) count--;
    }
  }
  const page = { levelCount, repetition, definition: count === levelCount ? undefined : definition };
  if (encoding !== ENCODING.plainDictionary && encoding !== ENCODING.rleDictionary)
    return { ...page, values: readValues(bytes, encoding, leaf, count) };
  const indices = new Int32Array(count);
  // A page without values may lack the byte that says the width.
  if (count > 0) unpackHybrid(bytes.subarray(1), bytes[0] ?? 33, indices);
  const entries = dictionary?.count ?? 0;
  for (const index of indices) {
    if (index < 0 || index >= entries) throw new Error('a page points to entries that its dictionary lacks');
  }
  return { ...page, indices, values: dictionary ?? readValues(new Uint8Array(0), ENCODING.plain, leaf, 0) };
}

/** Old writers pack levels with the highest bit first and without runs. */
function unpackOldLevels(bytes: Uint8Array, width: number, output: Uint8Array): void {
  if (bytes.length * 8 < output.length * width) throw new Error('a page is cut short');
  for (let i = 0; i < output.length; i++) {
    let value = 0;
    for (let bit = i * width; bit < (i + 1) * width; bit++)
      value = (value << 1) | ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1);
    output[i] = value;
  }
}
