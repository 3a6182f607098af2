import { CoresetError, messageOf } from '@coreset/core';
import type { ByteSource } from '../bytes/source.js';
import { type Leaf, readSchema, type Schema } from './schema.js';
import { ThriftReader, type ThriftStruct } from './thrift.js';

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** A file's last bytes that are read at once: most footers lie within them. */
const TAIL_BYTES = 1 << 16;
/** What such a header takes at most. */
const HEADER_LEFT_OUT = 100;

/** The values of one leaf in one row group. */
export interface Chunk {
  leaf: Leaf;
  /** The thrift struct ColumnMetaData. */
  metadata: ThriftStruct;
  codec: number;
  valueCount: number;
  /** Where its first page begins. */
  start: number;
  /** The bytes of its pages, with their headers. */
  length: number;
}

export interface RowGroup {
  rows: number;
  chunks: Chunk[];
  /** The thrift struct RowGroup. */
  metadata: ThriftStruct;
}

/** What a Parquet file says about itself at its end. */
export interface Footer {
  /** The thrift struct FileMetaData. */
  metadata: ThriftStruct;
  schema: Schema;
  groups: RowGroup[];
}

/** What to say of a file that cannot be read. */
export function damaged(name: string, error: unknown): CoresetError {
  return CoresetError.isInstance(error)
    ? error
    : new CoresetError(
        `${name}: the Parquet file cannot be read, it is cut short, damaged or of an unsupported kind (${messageOf(error).slice(0, 160)})`,
      );
}

/**
 * Read the footer.
 * @throws CoresetError when it is not that of a whole Parquet file, or is encrypted
 */
export async function readFooter(source: ByteSource): Promise<Footer> {
  try {
    return parseFooter(await footerBytes(source), source);
  } catch (error) {
    throw damaged(source.name, error);
  }
}

async function footerBytes(source: ByteSource): Promise<Buffer> {
  const { byteLength } = source;
  if (byteLength < 12) throw new Error('it has fewer bytes than any Parquet file');
  const tail = await source.slice(Math.max(0, byteLength - TAIL_BYTES), byteLength);
  const magic = tail.toString('latin1', tail.length - 4);
  if (magic === ENCRYPTED_MAGIC) throw encrypted(source.name);
  if (magic !== MAGIC) throw new Error(`it does not end in ${MAGIC}`);
  const length = tail.readUInt32LE(tail.length - 8);
  if (length > byteLength - 12) throw new Error('its footer would be longer than the file');
  if (length + 8 <= tail.length) return tail.subarray(tail.length - 8 - length, tail.length - 8);
  return source.slice(byteLength - 8 - length, byteLength - 8);
}

function encrypted(name: string): CoresetError {
  return new CoresetError(`${name}: the Parquet file is encrypted, which cannot be read; write it without encryption`);
}

function parseFooter(bytes: Buffer, source: ByteSource): Footer {
  const metadata = new ThriftReader(bytes).struct();
  if (metadata.fields.has(8)) throw encrypted(source.name);
  const schema = readSchema(metadata.structs(2));
  const leavesHeaderOut = isOldParquetMr(metadata.text(6) ?? '');
  const groups = metadata.structs(4).map((group) => readGroup(group, schema, source, leavesHeaderOut));
  return { metadata, schema, groups };
}

/** Up to version 1.2.8 the length of a chunk leaves out the header of its dictionary page. */
function isOldParquetMr(createdBy: string): boolean {
  const [isParquetMr, ...version] = /^parquet-mr(?: version (\d+)\.(\d+)\.(\d+))?/.exec(createdBy) ?? [];
  const [major = 0, minor = 0, patch = 0] = version.map((part) => Number(part ?? 0));
  return isParquetMr !== undefined && major * 1e6 + minor * 1e3 + patch < 1_002_009;
}

function readGroup(metadata: ThriftStruct, schema: Schema, source: ByteSource, leavesHeaderOut: boolean): RowGroup {
  const rows = metadata.number(3) ?? -1;
  if (rows < 0 || rows > Number.MAX_SAFE_INTEGER) throw new Error('a row group has no number of rows');
  const columns = metadata.structs(1);
  if (columns.length !== schema.leaves.length) throw new Error('a row group has not the columns of the schema');
  const chunks = columns.map((column, i) => readChunk(column, schema.leaves[i], rows, source, leavesHeaderOut));
  return { rows, chunks, metadata };
}

function readChunk(
  column: ThriftStruct,
  leaf: Leaf,
  rows: number,
  source: ByteSource,
  leavesHeaderOut: boolean,
): Chunk {
  const name = leaf.path.join('.');
  if (column.fields.has(8)) throw encrypted(source.name);
  if (column.fields.has(1))
    throw new CoresetError(`${source.name}: the column '${name}' lies in another file; name the data files themselves`);
  const metadata = column.struct(3);
  if (metadata === undefined) throw new Error('a column has no metadata');
  if (metadata.number(1) !== leaf.physical)
    throw new Error(`the column '${name}' has another type than the schema says`);
  const data = metadata.number(9) ?? -1;
  const dictionary = metadata.number(11) ?? 0;
  // Some writers give 0, or nothing, where there is no dictionary, or where it begins at the data page's offset.
  const start = dictionary >= MAGIC.length && dictionary < data ? dictionary : data;
  const said = metadata.number(7) ?? -1;
  const valueCount = metadata.number(5) ?? -1;
  if (start < 0 || said < 0 || start + said > source.byteLength || valueCount < rows)
    throw new Error('a column lies outside the file or has too few values');
  if (leaf.repetitionLevel === 0 && valueCount !== rows) throw new Error('a column has not the rows of its row group');
  const length = Math.min(said + (leavesHeaderOut ? HEADER_LEFT_OUT : 0), source.byteLength - start);
  return { leaf, metadata, codec: metadata.number(4) ?? 0, valueCount, start, length };
}
