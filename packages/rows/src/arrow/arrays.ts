import { CompressionType } from 'apache-arrow/fb/compression-type';
import { unpackLz4Frame } from '../bytes/lz4.js';
import type { ByteSource } from '../bytes/source.js';
import { unpackZstd } from '../bytes/zstd.js';
import type { Batch } from './messages.js';
import type { ArrowField } from './schema.js';

/** The values of a field in one batch, as they lie in buffers. */
export interface ArrowArray {
  field: ArrowField;
  length: number;
  /** A bit per value, 0 where it is null; empty when none is. */
  validity: Buffer;
  /** The other buffers in the order of the format. */
  buffers: Buffer[];
  children: ArrowArray[];
}

/** Where the buffers of a field lie in a batch. */
interface ArrayPlace {
  field: ArrowField;
  length: number;
  nullCount: number;
  /** Whether the first buffer says which values are null. */
  hasValidity: boolean;
  buffers: { offset: number; length: number }[];
  children: ArrayPlace[];
}

/** A body of at most this many bytes is read at once: that is faster than to read its buffers one by one. */
const WHOLE_BODY = 4 << 20;
/** A node or the place of a buffer in a message. */
const STRUCT_BYTES = 16;
/** Nulls take no bytes: so many in a batch, or items in a list, are damage. */
const MAX_LENGTH = 2 ** 27;
/** An unpacked buffer can be at most this many times as long as a packed one of a few bytes. */
const MAX_UNPACKED = 2 ** 32;

/**
 * Find the buffers of each field of a batch, without reading them.
 * @throws Error when the batch does not have those of the schema
 */
function places({ batch, message }: Batch, fields: ArrowField[]): ArrayPlace[] {
  let node = 0;
  let buffer = 0;
  let variadic = 0;
  // The generated code does not look whether what it reads lies in the message.
  const room = (batch.bb?.capacity() ?? 0) / STRUCT_BYTES;
  const [nodeCount, bufferCount] = [batch.nodesLength(), batch.buffersLength()];
  if (nodeCount > room || bufferCount > room) throw new Error('a batch is damaged');
  const take = (): { offset: number; length: number } => {
    const found = buffer < bufferCount ? batch.buffers(buffer++) : null;
    if (found === null) throw new Error('a batch has too few buffers');
    return { offset: Number(found.offset()), length: Number(found.length()) };
  };
  // Up to version 4 unions had a validity buffer.
  const isOld = message.version() < 4;
  const next = (field: ArrowField): ArrayPlace => {
    const found = node < nodeCount ? batch.nodes(node++) : null;
    if (found === null) throw new Error('a batch has too few columns');
    const { kind } = field.layout;
    if (kind === 'none' && Number(found.length()) > MAX_LENGTH) throw new Error('a column of nulls is too long');
    const hasValidity = kind !== 'none' && kind !== 'runs' && (kind !== 'union' || isOld);
    let count = (hasValidity ? 1 : 0) + ownBuffers(field);
    if (kind === 'views') count += Number(batch.variadicBufferCounts(variadic++) ?? 0);
    if (!(count >= 0 && count <= bufferCount)) throw new Error('a batch has too few buffers');
    const buffers = Array.from({ length: count }, take);
    const children = field.children.map(next);
    return {
      field,
      length: Number(found.length()),
      nullCount: Number(found.nullCount()),
      hasValidity,
      buffers,
      children,
    };
  };
  const rows = Number(batch.length());
  const found = fields.map(next);
  if (found.some(({ length }) => length !== rows)) throw new Error('the columns of a batch have different lengths');
  return found;
}

/**
 * How many rows a batch has.
 * @throws Error when its columns do not have as many
 */
export function batchRows(batch: Batch, fields: ArrowField[]): number {
  places(batch, fields);
  return Number(batch.batch.length());
}

/** Buffers of a field beside the validity and the data of views. */
function ownBuffers({ layout }: ArrowField): number {
  switch (layout.kind) {
    case 'bytes':
    case 'list-view':
      return 2;
    case 'bits':
    case 'fixed':
    case 'views':
    case 'list':
      return 1;
    case 'union':
      return layout.isDense ? 2 : 1;
    default:
      return 0;
  }
}

/**
 * Read some fields of a batch; the buffers of others are not touched.
 * @throws Error when the batch is damaged
 */
export async function readArrays(
  source: ByteSource,
  batch: Batch,
  fields: ArrowField[],
  isWanted: (field: ArrowField) => boolean,
): Promise<ArrowArray[]> {
  const body = batch.start + batch.headLength;
  const codec = batch.batch.compression()?.codec();
  const wanted = places(batch, fields).filter(({ field }) => isWanted(field));
  const isShort = wanted.length > 0 && batch.bodyLength <= WHOLE_BODY;
  const whole = isShort ? await source.slice(body, body + batch.bodyLength) : undefined;
  const readBuffer = async ({ offset, length }: { offset: number; length: number }): Promise<Buffer> => {
    const end = offset + length;
    if (offset < 0 || length < 0 || end > batch.bodyLength) throw new Error('a buffer lies outside its batch');
    const bytes = whole ? whole.subarray(offset, end) : await source.slice(body + offset, body + end);
    return codec === undefined || length === 0 ? bytes : unpack(bytes, codec);
  };
  const read = async ({
    field,
    length,
    nullCount,
    hasValidity,
    buffers,
    children,
  }: ArrayPlace): Promise<ArrowArray> => {
    const found: Buffer[] = [];
    for (const place of buffers) found.push(await readBuffer(place));
    const first = hasValidity ? found.shift() : undefined;
    const array: ArrowArray = {
      field,
      length,
      validity: nullCount > 0 && first ? first : Buffer.alloc(0),
      buffers: found,
      children: [],
    };
    for (const child of children) array.children.push(await read(child));
    requireLengths(array);
    return array;
  };
  const arrays: ArrowArray[] = [];
  for (const place of wanted) arrays.push(await read(place));
  return arrays;
}

function unpack(bytes: Buffer, codec: CompressionType): Buffer {
  const length = Number(bytes.readBigInt64LE(0));
  const packed = bytes.subarray(8);
  if (length === -1) return packed;
  if (length < 0 || length > MAX_UNPACKED) throw new Error('a buffer is damaged');
  const unpacked = codec === CompressionType.ZSTD ? unpackZstd(packed) : unpackLz4Frame(packed, length);
  if (unpacked.length !== length) throw new Error('a buffer has another length than it says');
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, length);
}

/** What is read at an index must be there, so that a damaged length cannot send the reader on for ever. */
function requireLengths(array: ArrowArray): void {
  const { length, validity, buffers, children } = array;
  const isShort = ownLengths(array).some((bytes, i) => buffers[i].length < bytes);
  if (isShort || (validity.length > 0 && validity.length * 8 < length)) throw new Error('a buffer is too short');
  const { layout } = array.field;
  if (layout.kind === 'struct' || (layout.kind === 'union' && !layout.isDense)) {
    if (children.some((child) => child.length !== length)) throw new Error('the fields of a struct differ in length');
  }
  if (layout.kind === 'fixed-list' && children[0].length < length * layout.size) throw new Error('a list is too short');
  if (layout.kind === 'runs' && length > 0 && !(runEnd(children[0], children[0].length - 1) >= length))
    throw new Error('its runs end too early');
}

/** Bytes that the buffers of an array have at least. */
function ownLengths({ field: { layout }, length }: ArrowArray): number[] {
  if (length === 0) return [];
  switch (layout.kind) {
    case 'bits':
      return [Math.ceil(length / 8)];
    case 'fixed':
      return [length * layout.width];
    case 'views':
      return [length * 16];
    case 'bytes':
    case 'list':
      return [(length + 1) * (layout.isWide ? 8 : 4)];
    case 'list-view':
      return [length * (layout.isWide ? 8 : 4), length * (layout.isWide ? 8 : 4)];
    case 'union':
      return layout.isDense ? [length, length * 4] : [length];
    default:
      return [];
  }
}

/** Whether value `i` is there; of a union or of runs this says nothing about the value in them. */
export function isValid({ validity }: ArrowArray, i: number): boolean {
  return validity.length === 0 || ((validity[i >> 3] >> (i & 7)) & 1) === 1;
}

/** Where value `i` of an array of bytes or lists begins and ends. */
export function range({ field: { layout }, buffers: [offsets, sizes] }: ArrowArray, i: number): [number, number] {
  const at = (buffer: Buffer, index: number): number =>
    'isWide' in layout && layout.isWide ? Number(buffer.readBigInt64LE(index * 8)) : buffer.readInt32LE(index * 4);
  if (layout.kind === 'fixed-list') return [i * layout.size, (i + 1) * layout.size];
  const start = at(offsets, i);
  const end = layout.kind === 'list-view' ? start + at(sizes, i) : at(offsets, i + 1);
  if (start < 0 || end < start) throw new Error('an offset is damaged');
  return [start, end];
}

/** The bytes of view `i`. */
export function viewBytes({ buffers }: ArrowArray, i: number): Buffer {
  const [views, ...data] = buffers;
  const length = views.readInt32LE(i * 16);
  if (length <= 12) return views.subarray(i * 16 + 4, i * 16 + 4 + Math.max(0, length));
  const start = views.readInt32LE(i * 16 + 12);
  const bytes = data[views.readInt32LE(i * 16 + 8)]?.subarray(start, start + length);
  if (bytes?.length !== length) throw new Error('a view points outside its data');
  return bytes;
}

/** Which run value `i` belongs to. */
export function runOf({ children: [ends] }: ArrowArray, i: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runEnd(ends, middle) > i) high = middle;
    else low = middle + 1;
  }
  return low;
}

function runEnd({ field: { layout }, buffers: [bytes] }: ArrowArray, run: number): number {
  const width = layout.kind === 'fixed' ? layout.width : 4;
  return width === 8 ? Number(bytes.readBigInt64LE(run * 8)) : bytes.readIntLE(run * width, width);
}
