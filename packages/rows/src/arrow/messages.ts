import { CoresetError, messageOf } from '@coreset/core';
import { Block } from 'apache-arrow/fb/block';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Footer } from 'apache-arrow/fb/footer';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { ByteBuffer } from 'flatbuffers';
import type { ByteSource } from '../bytes/source.js';
import { type ArrowField, readFields } from './schema.js';

const FILE_MAGIC = 'ARROW1';
const OLD_FEATHER_MAGIC = 'FEA1';
const OLD_COMPRESSION_KEY = 'ARROW:experimental_compression';
const CONTINUATION = 0xffffffff;
/** The magic of a file, padded. */
const FILE_START = 8;
/** More batches than a footer has bytes are damage. */
const MIN_BLOCK_BYTES = 24;

/** A message of an Arrow file: where it lies, and what its header says. */
export interface ArrowMessage {
  message: Message;
  /** Where its framing begins. */
  start: number;
  /** Bytes from there up to the body. */
  headLength: number;
  bodyLength: number;
}

/** A batch of rows, or of the entries of a dictionary. */
export interface Batch extends ArrowMessage {
  batch: RecordBatch;
  dictionary?: { id: number; isDelta: boolean };
}

/** An Arrow file or stream whose schema has been read. */
export interface OpenArrow {
  source: ByteSource;
  container: 'file' | 'stream';
  fields: ArrowField[];
  /** Where the bytes before the first batch end: the magic of a file, and the schema. */
  headEnd: number;
  /** The bytes of a file's footer. */
  footer?: Buffer;
}

/** What to say of a file that cannot be read. */
export function damaged(name: string, error: unknown): CoresetError {
  return CoresetError.isInstance(error)
    ? error
    : new CoresetError(
        `${name}: the Arrow file cannot be read, it is cut short, damaged or of an unsupported kind (${messageOf(error).slice(0, 160)})`,
      );
}

/**
 * Read what comes before the first batch.
 * @throws CoresetError when it is no Arrow file or stream
 */
export async function openArrow(source: ByteSource): Promise<OpenArrow> {
  try {
    const head = (await source.slice(0, Math.min(FILE_START, source.byteLength))).toString('latin1');
    if (head.startsWith(OLD_FEATHER_MAGIC))
      throw new CoresetError(
        `${source.name}: Feather version 1 cannot be read; read it with pandas and write it again with to_feather`,
      );
    return head.startsWith(FILE_MAGIC) ? await openFile(source) : await openStream(source);
  } catch (error) {
    throw damaged(source.name, error);
  }
}

/** The schema is read from the footer: not all writers put a well-formed message of it at the beginning. */
async function openFile(source: ByteSource): Promise<OpenArrow> {
  const footer = await readFooter(source);
  const schema = Footer.getRootAsFooter(new ByteBuffer(footer)).schema();
  if (schema === null) throw new Error('its footer has no schema');
  const starts = blocks(footer).map((block) => Number(block.offset()));
  const headEnd = starts.reduce((least, start) => Math.min(least, start), footerStart(source, footer));
  return { source, container: 'file', fields: readFields(schema, source.name), headEnd, footer };
}

async function openStream(source: ByteSource): Promise<OpenArrow> {
  const first = await readMessage(source, 0);
  if (first?.message.headerType() !== MessageHeader.Schema) throw new Error('it does not begin with a schema');
  const fields = readFields(first.message.header(new Schema()) as Schema, source.name);
  return { source, container: 'stream', fields, headEnd: first.headLength + first.bodyLength };
}

function footerStart(source: ByteSource, footer: Buffer): number {
  return source.byteLength - FILE_MAGIC.length - 4 - footer.length;
}

/**
 * The fields of the message of a schema, without its framing.
 * @throws Error when it is none
 */
export function schemaFields(bytes: Uint8Array): ArrowField[] {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes));
  if (message.headerType() !== MessageHeader.Schema) throw new Error('it is no schema');
  return readFields(message.header(new Schema()) as Schema, 'the schema');
}

/** Where the batches of a file lie: its dictionaries, then its rows. */
function blocks(footer: Buffer): Block[] {
  const root = Footer.getRootAsFooter(new ByteBuffer(footer));
  const count = root.dictionariesLength() + root.recordBatchesLength();
  if (count * MIN_BLOCK_BYTES > footer.length) throw new Error('its footer is damaged');
  const found: (Block | null)[] = [];
  for (let i = 0; i < root.dictionariesLength(); i++) found.push(root.dictionaries(i, new Block()));
  for (let i = 0; i < root.recordBatchesLength(); i++) found.push(root.recordBatches(i, new Block()));
  return found.filter((block) => block !== null);
}

async function readFooter(source: ByteSource): Promise<Buffer> {
  const end = source.byteLength - FILE_MAGIC.length;
  if (end < FILE_START + 4) throw new Error('it is too short');
  const tail = await source.slice(end - 4, source.byteLength);
  if (tail.toString('latin1', 4) !== FILE_MAGIC) throw new Error('it does not end as it began');
  const length = tail.readInt32LE(0);
  if (length <= 0 || length > end - 4 - FILE_START) throw new Error('its footer would be longer than the file');
  return source.slice(end - 4 - length, end - 4);
}

/** The batches, one at a time: of a file its dictionaries first, as its footer lists them. */
export async function* readBatches(arrow: OpenArrow): AsyncGenerator<Batch, void, undefined> {
  const { source, footer, headEnd } = arrow;
  if (footer) {
    for (const block of blocks(footer)) {
      const message = await readMessage(source, Number(block.offset()));
      if (message === undefined) throw new Error('its footer points to a message that is not there');
      yield asBatch(message);
    }
    return;
  }
  let at = headEnd;
  for (;;) {
    const message = await readMessage(source, at);
    if (message === undefined) return;
    yield asBatch(message);
    at += message.headLength + message.bodyLength;
  }
}

function asBatch(message: ArrowMessage): Batch {
  const type = message.message.headerType();
  for (let i = 0; i < message.message.customMetadataLength(); i++) {
    if (message.message.customMetadata(i)?.key() === OLD_COMPRESSION_KEY)
      throw new Error('it is packed in the way of Arrow 0.17; write it again with a newer version');
  }
  if (type === MessageHeader.RecordBatch)
    return { ...message, batch: message.message.header(new RecordBatch()) as RecordBatch };
  if (type !== MessageHeader.DictionaryBatch) throw new Error(`it holds a message of the unknown type ${type}`);
  const dictionary = message.message.header(new DictionaryBatch()) as DictionaryBatch;
  const batch = dictionary.data(new RecordBatch());
  if (batch === null) throw new Error('a dictionary has no values');
  return { ...message, batch, dictionary: { id: Number(dictionary.id()), isDelta: dictionary.isDelta() } };
}

/** The message at a place; undefined at the end. */
async function readMessage(source: ByteSource, start: number): Promise<ArrowMessage | undefined> {
  const left = source.byteLength - start;
  if (!(left >= 0)) throw new Error('a message would lie outside it');
  if (left < 4) return undefined;
  const framing = await source.slice(start, Math.min(start + 8, source.byteLength));
  // Before version 0.15 the length came without this mark.
  const isMarked = framing.readUInt32LE(0) === CONTINUATION;
  if (isMarked && framing.length < 8) throw new Error('a message is cut short');
  const length = framing.readInt32LE(isMarked ? 4 : 0);
  if (length === 0) return undefined;
  const headLength = length + (isMarked ? 8 : 4);
  if (length < 8 || headLength > left) throw new Error('a message is cut short');
  const message = Message.getRootAsMessage(
    new ByteBuffer(await source.slice(start + headLength - length, start + headLength)),
  );
  const bodyLength = Number(message.bodyLength());
  if (bodyLength < 0 || bodyLength > left - headLength) throw new Error('a message is cut short');
  return { message, start, headLength, bodyLength };
}
