import type { Sink } from '@coreset/core';
import type { Codec } from './codecs.js';
import { bitWidth, packHybrid } from './levels.js';
import type { DataPage } from './pages.js';
import { type Leaf, PHYSICAL } from './schema.js';
import { THRIFT, writeThrift } from './thrift.js';
import { ENCODING, type Values, valueBytes } from './values.js';

const PAGE_BYTES = 1 << 20;
const PAGE_LEVELS = 1 << 16;
/** A growing array of bytes. */
class Bytes {
  bytes: Buffer = Buffer.allocUnsafe(1 << 10);
  length = 0;

  push(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  append(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    // A call costs more than to copy a few bytes.
    if (end - start <= 32) {
      for (let i = start; i < end; i++) this.bytes[this.length++] = source[i];
      return;
    }
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  appendUInt32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value, this.length);
  }

  taken(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + count, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** A page whose values wait for the dictionary to be complete. */
interface IndexPage {
  levelCount: number;
  levels: Buffer;
  indices: Int32Array;
}

/** What the footer says about a chunk that has been written. */
export interface WrittenChunk {
  valueCount: number;
  nullCount: number;
  encodings: number[];
  unpackedBytes: number;
  packedBytes: number;
  /** Bytes of the dictionary page; 0 without one. */
  dictionaryBytes: number;
}

/**
 * Writes one column chunk from the kept rows of chunks that were read. A value is copied byte for byte: it is nowhere
 * looked into. Values that came from a dictionary go into one again, up to the first value that did not.
 */
export class ChunkWriter {
  private readonly repetition = new Bytes();
  private readonly definition = new Bytes();
  private readonly plain = new Bytes();
  private indices: number[] = [];
  private levelCount = 0;

  private indexPages: IndexPage[] = [];
  private readonly dictionary = new Bytes();
  private dictionaryCount = 0;
  /** The dictionary written by its bytes; undefined while all comes from one dictionary, whose entries all differ. */
  private entryOf: Map<string, number> | undefined;
  /** The dictionary read last, and for each of its entries that in the dictionary written; -1: not there yet. */
  private source: Values | undefined;
  private mapping = new Int32Array(0);
  private isPlain = false;

  private keep: Uint8Array = new Uint8Array(0);
  private sourceValueCount = 0;
  private row = -1;
  private readonly written: WrittenChunk = {
    valueCount: 0,
    nullCount: 0,
    encodings: [ENCODING.rle, ENCODING.plain],
    unpackedBytes: 0,
    packedBytes: 0,
    dictionaryBytes: 0,
  };

  constructor(
    private readonly leaf: Leaf,
    private readonly codec: Codec,
    private readonly sink: Sink,
    /** Whether entries that no row has are part of the data. */
    private readonly hasCategories: boolean,
  ) {}

  /**
   * Go on with another chunk.
   * @param keep 1 for each of its rows that is kept
   * @param valueCount its values, with the absent ones
   */
  startChunk(keep: Uint8Array, valueCount: number): void {
    this.keep = keep;
    this.sourceValueCount = valueCount;
    this.row = -1;
  }

  /** How many rows of the chunk have been seen. */
  get rows(): number {
    return this.row + 1;
  }

  /** Add the kept rows of the chunk's next page. */
  add({ repetition, definition, levelCount, values, indices }: DataPage): void {
    const { definitionLevel, repetitionLevel } = this.leaf;
    if (indices === undefined && values.count > 0) this.goOnPlain();
    if (indices !== undefined && !this.isPlain && this.source !== values) this.use(values);
    let value = 0;
    for (let i = 0; i < levelCount; i++) {
      const repeats = repetition === undefined ? 0 : repetition[i];
      if (repeats === 0) {
        this.row++;
        if (this.levelCount >= PAGE_LEVELS || this.plain.length >= PAGE_BYTES) this.endPage();
      }
      const level = definition === undefined ? definitionLevel : definition[i];
      const isThere = level === definitionLevel;
      if (this.keep[this.row] === 1) {
        if (repetitionLevel > 0) this.repetition.push(repeats);
        if (definitionLevel > 0) this.definition.push(level);
        this.levelCount++;
        if (!isThere) this.written.nullCount++;
        else if (indices === undefined) appendPlain(this.plain, values, value);
        else if (this.isPlain) appendPlain(this.plain, values, indices[value]);
        else this.indices.push(this.entry(indices[value]));
      }
      if (isThere) value++;
    }
  }

  /** Write what is still to be written. */
  finish(): WrittenChunk {
    this.endPage();
    this.writeIndexPages();
    return this.written;
  }

  /** From here on without a dictionary. */
  private goOnPlain(): void {
    if (this.isPlain) return;
    this.endPage();
    this.writeIndexPages();
    this.isPlain = true;
  }

  private use(dictionary: Values): void {
    const before = this.source;
    if (before !== undefined && this.entryOf === undefined) {
      this.entryOf = new Map();
      for (const [index, entry] of this.mapping.entries())
        if (entry >= 0) this.entryOf.set(keyOf(before, index), entry);
    }
    this.source = dictionary;
    this.mapping = new Int32Array(dictionary.count).fill(-1);
    // Texts that hardly repeat would make a small file carry the dictionary of a large one.
    if (!this.hasCategories && dictionary.count * 2 > this.sourceValueCount) return;
    for (let i = 0; i < dictionary.count; i++) this.addEntry(dictionary, i);
  }

  private entry(index: number): number {
    const known = this.mapping[index];
    return known >= 0 ? known : this.addEntry(this.source as Values, index);
  }

  private addEntry(dictionary: Values, index: number): number {
    const key = this.entryOf && keyOf(dictionary, index);
    let entry = key === undefined ? undefined : this.entryOf?.get(key);
    if (entry === undefined) {
      entry = this.dictionaryCount++;
      if (key !== undefined) this.entryOf?.set(key, entry);
      appendPlain(this.dictionary, dictionary, index);
    }
    this.mapping[index] = entry;
    return entry;
  }

  private endPage(): void {
    if (this.levelCount === 0) return;
    const { levelCount, leaf } = this;
    const levels = Buffer.concat([
      packLevels(this.repetition.taken(), leaf.repetitionLevel),
      packLevels(this.definition.taken(), leaf.definitionLevel),
    ]);
    if (this.isPlain) {
      const plain = this.plain.taken();
      const values = leaf.physical === PHYSICAL.boolean ? packBooleans(plain) : plain;
      this.writePage(Buffer.concat([levels, values]), { levelCount, encoding: ENCODING.plain });
    } else this.indexPages.push({ levelCount, levels, indices: Int32Array.from(this.indices) });
    this.written.valueCount += levelCount;
    this.levelCount = 0;
    this.repetition.length = 0;
    this.definition.length = 0;
    this.plain.length = 0;
    this.indices = [];
  }

  /** The dictionary is complete: write it, and the pages that point to it. */
  private writeIndexPages(): void {
    const width = bitWidth(Math.max(0, this.dictionaryCount - 1));
    const hasDictionary = this.source !== undefined && this.indexPages.length > 0;
    if (hasDictionary) {
      this.written.encodings.push(ENCODING.rleDictionary);
      this.writePage(this.dictionary.taken(), { dictionaryCount: this.dictionaryCount });
      this.written.dictionaryBytes = this.written.packedBytes;
    }
    for (const { levelCount, levels, indices } of this.indexPages) {
      if (hasDictionary) {
        const bytes = Buffer.concat([levels, Uint8Array.of(width), packHybrid(indices, indices.length, width)]);
        this.writePage(bytes, { levelCount, encoding: ENCODING.rleDictionary });
      } else this.writePage(levels, { levelCount, encoding: ENCODING.plain });
    }
    this.indexPages = [];
  }

  private writePage(bytes: Buffer, kind: { dictionaryCount: number } | { levelCount: number; encoding: number }): void {
    const packed = this.codec.pack(bytes);
    const isDictionary = 'dictionaryCount' in kind;
    const details = isDictionary
      ? writeThrift([
          [1, THRIFT.i32, kind.dictionaryCount],
          [2, THRIFT.i32, ENCODING.plain],
        ])
      : writeThrift([
          [1, THRIFT.i32, kind.levelCount],
          [2, THRIFT.i32, kind.encoding],
          [3, THRIFT.i32, ENCODING.rle],
          [4, THRIFT.i32, ENCODING.rle],
        ]);
    const header = writeThrift([
      [1, THRIFT.i32, isDictionary ? 2 : 0],
      [2, THRIFT.i32, bytes.length],
      [3, THRIFT.i32, packed.length],
      [isDictionary ? 7 : 5, THRIFT.struct, { raw: details }],
    ]);
    this.sink.write(header);
    this.sink.write(packed);
    this.written.unpackedBytes += header.length + bytes.length;
    this.written.packedBytes += header.length + packed.length;
  }
}

function keyOf(values: Values, i: number): string {
  return valueBytes(values, i).toString('latin1');
}

function appendPlain(out: Bytes, { width, bytes, starts, ends }: Values, i: number): void {
  if (width > 0 || starts.length === 0) out.append(bytes, i * width, (i + 1) * width);
  else {
    out.appendUInt32(ends[i] - starts[i]);
    out.append(bytes, starts[i], ends[i]);
  }
}

function packLevels(levels: Buffer, max: number): Buffer {
  if (max === 0) return Buffer.alloc(0);
  const packed = packHybrid(levels, levels.length, bitWidth(max));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packed.length);
  return Buffer.concat([length, packed]);
}

function packBooleans(flags: Uint8Array): Buffer {
  const bits = Buffer.alloc(Math.ceil(flags.length / 8));
  for (const [i, flag] of flags.entries()) bits[i >> 3] |= flag << (i & 7);
  return bits;
}
