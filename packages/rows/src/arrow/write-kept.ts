import type { Sink } from '@coreset/core';
import { BodyCompression } from 'apache-arrow/fb/body-compression';
import { BodyCompressionMethod } from 'apache-arrow/fb/body-compression-method';
import { Buffer as BufferPlace } from 'apache-arrow/fb/buffer';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { FieldNode } from 'apache-arrow/fb/field-node';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Builder } from 'flatbuffers';
import { packLz4Frame } from '../bytes/lz4.js';
import { loadZstd, packZstd } from '../bytes/zstd.js';
import type { KeepRow } from '../row.js';
import { type ArrowArray, batchRows, readArrays } from './arrays.js';
import { arrowFooter, type Place } from './footer.js';
import { type Batch, type OpenArrow, readBatches } from './messages.js';
import { nullCount, takeValues } from './take.js';

const FILE_MAGIC = 'ARROW1';
const COPY_BYTES = 8 << 20;
const ALIGNMENT = 8;

/**
 * Write the kept rows as a file or stream, as the input is. Schema, dictionaries and batches that are kept whole are
 * copied as bytes; of others the kept values are, packed as they were.
 */
export async function writeKept(arrow: OpenArrow, keep: KeepRow, sink: Sink): Promise<void> {
  const writer = new ArrowWriter(arrow, sink);
  await writer.begin();
  let row = 0;
  for await (const batch of readBatches(arrow)) {
    if (batch.dictionary) {
      await writer.copy(batch);
      continue;
    }
    const rows = batchRows(batch, arrow.fields);
    const kept: number[] = [];
    for (let i = 0; i < rows; i++) if (keep(row++)) kept.push(i);
    if (kept.length === rows && rows > 0) await writer.copy(batch);
    else if (kept.length > 0) await writer.take(batch, Uint32Array.from(kept));
  }
  writer.end();
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
    await this.copyBytes(0, this.arrow.headEnd);
  }

  /** A batch as the bytes that it is. */
  async copy(batch: Batch): Promise<void> {
    this.note(batch, batch.headLength, batch.bodyLength);
    await this.copyBytes(batch.start, batch.start + batch.headLength + batch.bodyLength);
  }

  async take(batch: Batch, kept: Uint32Array): Promise<void> {
    const { source, fields } = this.arrow;
    const codec = batch.batch.compression()?.codec();
    if (codec === CompressionType.ZSTD) await loadZstd();
    const arrays = await readArrays(source, batch, fields, () => true);
    const { head, body } = batchMessage(
      arrays.map((array) => takeValues(array, kept)),
      kept.length,
      batch,
      codec,
    );
    const bodyLength = body.reduce((sum, { length }) => sum + length, 0);
    this.note(batch, head.length, bodyLength);
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

  private note(batch: Batch, headLength: number, bodyLength: number): void {
    (batch.dictionary ? this.dictionaries : this.batches).push({ offset: this.offset, headLength, bodyLength });
  }

  private async copyBytes(start: number, end: number): Promise<void> {
    for (let at = start; at < end; at += COPY_BYTES)
      this.write(await this.arrow.source.slice(at, Math.min(end, at + COPY_BYTES)));
  }

  private write(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.offset += bytes.length;
  }
}

/** A record batch with its framing, and the buffers of its body. */
function batchMessage(
  arrays: ArrowArray[],
  rows: number,
  { message }: Batch,
  codec: CompressionType | undefined,
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
  const pairs = copyMetadata(builder, message);
  const metadata = pairs.length > 0 ? Message.createCustomMetadataVector(builder, pairs) : 0;
  const root = Message.createMessage(
    builder,
    message.version(),
    MessageHeader.RecordBatch,
    batch,
    BigInt(offset),
    metadata,
  );
  builder.finish(root);
  return { head: frame(builder.asUint8Array()), body };
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
