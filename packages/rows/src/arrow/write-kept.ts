import type { Sink } from '@coreset/core';
import { BodyCompression } from 'apache-arrow/fb/body-compression';
import { BodyCompressionMethod } from 'apache-arrow/fb/body-compression-method';
import { Buffer as BufferPlace } from 'apache-arrow/fb/buffer';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { FieldNode } from 'apache-arrow/fb/field-node';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Builder } from 'flatbuffers';
import { packLz4Frame } from '../bytes/lz4.js';
import type { ByteSource } from '../bytes/source.js';
import { loadZstd, packZstd } from '../bytes/zstd.js';
import type { KeepRow } from '../row.js';
import { type ArrowArray, batchRows, readArrays } from './arrays.js';
import { arrowFooter, type Place } from './footer.js';
import { areInPlace, dictionaryFields, idInFirst, JoinedDictionaries, type Places } from './joined-dictionaries.js';
import { type Batch, type OpenArrow, readBatches } from './messages.js';
import { nullCount, takeValues } from './take.js';

const FILE_MAGIC = 'ARROW1';
const COPY_BYTES = 8 << 20;
const ALIGNMENT = 8;

/** An Arrow file, and which of its rows are kept. */
export interface OpenPart {
  arrow: OpenArrow;
  keep: KeepRow;
}

/**
 * Write the kept rows of files with the same columns as one file or stream, as the first is. Its schema is copied as bytes,
 * as are batches that are kept whole; of others the kept values are, packed as they were.
 */
export async function writeKept(parts: OpenPart[], sink: Sink): Promise<void> {
  const [{ arrow: first }] = parts;
  const writer = new ArrowWriter(first, sink);
  await writer.begin();
  if (first.container === 'stream' || parts.length === 1) {
    for (const { arrow, keep } of parts) await addBatches(writer, arrow, keep);
  } else {
    const dictionaries = await JoinedDictionaries.read(parts.map(({ arrow }) => arrow));
    const like = await firstBatch(parts);
    if (like !== undefined)
      for (const { id, entries } of dictionaries.entries()) await writer.add([entries], entries.length, like, { id });
    for (const { arrow, keep } of parts) await addBatches(writer, arrow, keep, dictionaries);
  }
  writer.end();
}

async function firstBatch(parts: OpenPart[]): Promise<Batch | undefined> {
  for (const { arrow } of parts) {
    for await (const batch of readBatches(arrow)) return batch;
    await arrow.source.close();
  }
  return undefined;
}

/** Add the kept rows of a file, and its dictionaries, unless these are written already. */
async function addBatches(
  writer: ArrowWriter,
  arrow: OpenArrow,
  keep: KeepRow,
  joined?: JoinedDictionaries,
): Promise<void> {
  const { source, fields } = arrow;
  const places: Places = new Map();
  let row = 0;
  for await (const batch of readBatches(arrow)) {
    if (batch.dictionary !== undefined) {
      if (joined === undefined) await writer.addDictionary(arrow, batch, batch.dictionary);
      else await joined.follow(arrow, batch, places);
      continue;
    }
    const rows = batchRows(batch, fields);
    const kept: number[] = [];
    for (let i = 0; i < rows; i++) if (keep(row++)) kept.push(i);
    if (kept.length === 0) continue;
    if (kept.length === rows && areInPlace(places)) {
      await writer.copy(source, batch);
      continue;
    }
    const arrays = await readArrays(source, batch, fields, () => true);
    const taken = arrays.map((array) => takeValues(array, Uint32Array.from(kept)));
    await writer.add(joined ? taken.map((array) => joined.renumbered(array, places)) : taken, kept.length, batch);
  }
  await source.close();
}

class ArrowWriter {
  private offset = 0;
  private readonly dictionaries: Place[] = [];
  private readonly batches: Place[] = [];

  constructor(
    private readonly arrow: OpenArrow,
    private readonly sink: Sink,
  ) {}

  async begin(): Promise<void> {
    await this.copyBytes(this.arrow.source, 0, this.arrow.headEnd);
  }

  /** A batch as the bytes that it is. */
  async copy(source: ByteSource, batch: Batch): Promise<void> {
    this.note(batch.dictionary, batch.headLength, batch.bodyLength);
    await this.copyBytes(source, batch.start, batch.start + batch.headLength + batch.bodyLength);
  }

  /** A dictionary of a file, under the number that it has in the first. */
  async addDictionary(file: OpenArrow, batch: Batch, { id, isDelta }: NewDictionary): Promise<void> {
    const newId = idInFirst(this.arrow, file, id);
    if (newId === id) return this.copy(file.source, batch);
    const field = dictionaryFields(file.fields).get(id);
    if (field === undefined) return;
    const [entries] = await readArrays(file.source, batch, [field], () => true);
    await this.add([entries], entries.length, batch, { id: newId, isDelta });
  }

  /** Values as a batch, packed as another is; or the entries of a dictionary. */
  async add(arrays: ArrowArray[], rows: number, like: Batch, dictionary?: NewDictionary): Promise<void> {
    const codec = like.batch.compression()?.codec();
    if (codec === CompressionType.ZSTD) await loadZstd();
    const { head, body } = batchMessage(arrays, rows, like, codec, dictionary);
    const bodyLength = body.reduce((sum, { length }) => sum + length, 0);
    this.note(dictionary, head.length, bodyLength);
    this.write(head);
    for (const bytes of body) this.write(bytes);
  }

  end(): void {
    this.write(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0));
    const { footer } = this.arrow;
    if (footer === undefined) return;
    const bytes = arrowFooter(footer, this.dictionaries, this.batches);
    const length = Buffer.alloc(4);
    length.writeInt32LE(bytes.length);
    this.write(bytes);
    this.write(length);
    this.write(Buffer.from(FILE_MAGIC, 'latin1'));
  }

  private note(dictionary: NewDictionary | undefined, headLength: number, bodyLength: number): void {
    (dictionary ? this.dictionaries : this.batches).push({ offset: this.offset, headLength, bodyLength });
  }

  private async copyBytes(source: ByteSource, start: number, end: number): Promise<void> {
    for (let at = start; at < end; at += COPY_BYTES) this.write(await source.slice(at, Math.min(end, at + COPY_BYTES)));
  }

  private write(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.offset += bytes.length;
  }
}

/** The number of a dictionary that is written, and whether its entries come after those that it has. */
interface NewDictionary {
  id: number;
  isDelta?: boolean;
}

/** A batch with its framing, and the buffers of its body. */
function batchMessage(
  arrays: ArrowArray[],
  rows: number,
  { message }: Batch,
  codec: CompressionType | undefined,
  dictionary: NewDictionary | undefined,
): { head: Buffer; body: Uint8Array[] } {
  const isOld = message.version() < 4;
  const nodes: [number, number][] = [];
  const places: [number, number][] = [];
  const variadic: bigint[] = [];
  const body: Uint8Array[] = [];
  let offset = 0;
  const addBuffer = (bytes: Uint8Array): void => {
    const packed = codec === undefined || bytes.length === 0 ? bytes : pack(bytes, codec);
    places.push([offset, packed.length]);
    const padding = (ALIGNMENT - (packed.length % ALIGNMENT)) % ALIGNMENT;
    body.push(packed, new Uint8Array(padding));
    offset += packed.length + padding;
  };
  const add = (array: ArrowArray): void => {
    const { kind } = array.field.layout;
    const nulls = nullCount(array);
    nodes.push([array.length, nulls]);
    const hasValidity = kind !== 'none' && kind !== 'runs' && (kind !== 'union' || isOld);
    if (hasValidity) addBuffer(nulls === 0 ? new Uint8Array(0) : array.validity);
    for (const bytes of array.buffers) addBuffer(bytes);
    if (kind === 'views') variadic.push(BigInt(array.buffers.length - 1));
    for (const child of array.children) add(child);
  };
  for (const array of arrays) add(array);

  const builder = new Builder(1024);
  RecordBatch.startNodesVector(builder, nodes.length);
  for (const [length, nulls] of nodes.reverse()) FieldNode.createFieldNode(builder, BigInt(length), BigInt(nulls));
  const nodesVector = builder.endVector();
  RecordBatch.startBuffersVector(builder, places.length);
  for (const [at, length] of places.reverse()) BufferPlace.createBuffer(builder, BigInt(at), BigInt(length));
  const buffersVector = builder.endVector();
  const variadicVector = variadic.length > 0 ? RecordBatch.createVariadicBufferCountsVector(builder, variadic) : 0;
  const compression =
    codec === undefined ? 0 : BodyCompression.createBodyCompression(builder, codec, BodyCompressionMethod.BUFFER);
  RecordBatch.startRecordBatch(builder);
  RecordBatch.addLength(builder, BigInt(rows));
  RecordBatch.addNodes(builder, nodesVector);
  RecordBatch.addBuffers(builder, buffersVector);
  if (compression) RecordBatch.addCompression(builder, compression);
  if (variadicVector) RecordBatch.addVariadicBufferCounts(builder, variadicVector);
  const batch = RecordBatch.endRecordBatch(builder);
  const header = dictionary === undefined ? batch : dictionaryHeader(builder, batch, dictionary);
  const pairs = dictionary === undefined ? copyMetadata(builder, message) : [];
  const metadata = pairs.length > 0 ? Message.createCustomMetadataVector(builder, pairs) : 0;
  const root = Message.createMessage(
    builder,
    message.version(),
    dictionary === undefined ? MessageHeader.RecordBatch : MessageHeader.DictionaryBatch,
    header,
    BigInt(offset),
    metadata,
  );
  builder.finish(root);
  return { head: frame(builder.asUint8Array()), body };
}

function dictionaryHeader(builder: Builder, entries: number, { id, isDelta = false }: NewDictionary): number {
  DictionaryBatch.startDictionaryBatch(builder);
  DictionaryBatch.addId(builder, BigInt(id));
  DictionaryBatch.addData(builder, entries);
  DictionaryBatch.addIsDelta(builder, isDelta);
  return DictionaryBatch.endDictionaryBatch(builder);
}

function copyMetadata(builder: Builder, message: Message): number[] {
  return Array.from({ length: message.customMetadataLength() }, (_, i) => {
    const pair = message.customMetadata(i);
    const key = builder.createString(pair?.key() ?? '');
    return KeyValue.createKeyValue(builder, key, builder.createString(pair?.value() ?? ''));
  });
}

/** The mark and the length before a message, and padding behind it. */
function frame(message: Uint8Array): Buffer {
  const length = Math.ceil(message.length / ALIGNMENT) * ALIGNMENT;
  const framed = Buffer.alloc(8 + length);
  framed.writeUInt32LE(0xffffffff, 0);
  framed.writeInt32LE(length, 4);
  framed.set(message, 8);
  return framed;
}

/** Each packed buffer begins with its length unpacked; -1: it is not packed, as that would not have made it smaller. */
function pack(bytes: Uint8Array, codec: CompressionType): Uint8Array {
  const packed = codec === CompressionType.ZSTD ? packZstd(bytes) : packLz4Frame(bytes);
  const isSmaller = packed.length < bytes.length;
  const length = Buffer.alloc(8);
  length.writeBigInt64LE(isSmaller ? BigInt(bytes.length) : -1n);
  return Buffer.concat([length, isSmaller ? packed : bytes]);
}
