import { CoresetError, type Sink } from '@coreset/core';
import type { ByteSource } from '../bytes/source.js';
import { loadZstd } from '../bytes/zstd.js';
import type { KeepRow } from '../row.js';
import { categoryColumns } from './categories.js';
import { ChunkWriter, type WrittenChunk } from './chunk-writer.js';
import { codecName, findCodec } from './codecs.js';
import { type Chunk, damaged, type Footer, type RowGroup } from './footer.js';
import { type OpenParquet, withParquet } from './open.js';
import { dataPages } from './pages.js';
import { firstDifference } from './schema.js';
import { type OutField, THRIFT, writeThrift } from './thrift.js';
import { isKnownEncoding } from './values.js';

/** One of the Parquet files whose kept rows are written into one. */
export interface ParquetPart {
  path: string;
  keep: KeepRow;
}

/** A row group is written on its own when it has this many rows; smaller ones are put together. */
const GROUP_ROWS = 100_000;
/** Nor are row groups put together beyond this size, packed. */
const GROUP_BYTES = 64 << 20;
const MAGIC = Buffer.from('PAR1');
const ZSTD = 6;

/** A row group read, with its kept rows. */
interface KeptGroup {
  source: ByteSource;
  group: RowGroup;
  keep: Uint8Array;
  kept: number;
}

/** See the function of this name in parquet-file.ts. */
export async function requireWritableParquet(path: string): Promise<void> {
  await withParquet(path, async ({ source, footer }) => requireWritable(source.name, footer));
}

/** See the function of this name in parquet-file.ts. */
export async function requireOneParquet(paths: string[]): Promise<void> {
  await openFirst(paths);
}

/** See the function of this name in parquet-file.ts. */
export async function writeKeptParquet(parts: ParquetPart[], sink: Sink): Promise<void> {
  const first = await openFirst(parts.map(({ path }) => path));
  const writer = new FileWriter(first.footer, sink);
  for (const { path, keep } of parts) await withParquet(path, (opened) => writer.addFile(opened, keep));
  writer.finish();
}

/** The first file, once all are found to have its columns. */
async function openFirst(paths: string[]): Promise<OpenParquet> {
  let first: OpenParquet | undefined;
  for (const path of paths) {
    await withParquet(path, async (opened) => {
      requireWritable(opened.source.name, opened.footer);
      first ??= opened;
      requireSameColumns(first, opened);
    });
  }
  if (first === undefined)
    throw new CoresetError('no Parquet file is given whose rows could be kept; name one at least');
  return first;
}

/** Write the kept rows of a file that is open. */
export async function writeKept(opened: OpenParquet, keep: KeepRow, sink: Sink): Promise<void> {
  requireWritable(opened.source.name, opened.footer);
  const writer = new FileWriter(opened.footer, sink);
  await writer.addFile(opened, keep);
  writer.finish();
}

function requireWritable(name: string, { groups }: Footer): void {
  for (const { chunks } of groups) {
    for (const { leaf, codec, metadata } of chunks) {
      const column = leaf.path.join('.');
      if (findCodec(codec) === undefined)
        throw new CoresetError(
          `${name}: the column '${column}' is packed with ${codecName(codec)}, which cannot be read; write the file with zstd or snappy`,
        );
      for (const encoding of metadata.list(2)) {
        if (!isKnownEncoding(encoding as number))
          throw new CoresetError(
            `${name}: the column '${column}' has the encoding number ${encoding}, which cannot be read; write the file with the encoding PLAIN`,
          );
      }
    }
  }
}

function requireSameColumns(first: OpenParquet, other: OpenParquet): void {
  const column = firstDifference(first.footer.metadata.structs(2), other.footer.metadata.structs(2));
  if (column !== undefined)
    throw new CoresetError(
      `${first.source.name} and ${other.source.name} have different columns, first '${column}'; give files with the same columns, or write each to its own file`,
    );
}

/** Writes row groups and at the end the footer. */
class FileWriter {
  private offset = 0;
  private categories: Set<string> = new Set();
  private readonly groups: Uint8Array[] = [];
  private rows = 0;
  private pending: KeptGroup[] = [];
  private readonly sink: Sink;
  /** What the sink threw, which says nothing about the file read. */
  private sinkError: unknown;

  constructor(
    private readonly footer: Footer,
    sink: Sink,
  ) {
    this.sink = {
      write: (bytes) => {
        try {
          sink.write(bytes);
        } catch (error) {
          this.sinkError = error;
          throw error;
        }
        this.offset += bytes.length;
      },
    };
    this.sink.write(MAGIC);
  }

  async addFile({ source, footer }: OpenParquet, keep: KeepRow): Promise<void> {
    if (footer.groups.some(({ chunks }) => chunks.some(({ codec }) => codec === ZSTD))) await loadZstd();
    try {
      this.categories = await categoryColumns(footer);
      let row = 0;
      for (const group of footer.groups) {
        const mask = new Uint8Array(group.rows);
        for (let i = 0; i < group.rows; i++) mask[i] = keep(row++) ? 1 : 0;
        await this.add({ source, group, keep: mask, kept: mask.reduce((sum, flag) => sum + flag, 0) });
      }
      await this.writePending();
    } catch (error) {
      throw error === this.sinkError ? error : damaged(source.name, error);
    }
  }

  private async add(group: KeptGroup): Promise<void> {
    if (group.kept === 0) return;
    this.rows += group.kept;
    if (group.kept === group.group.rows) {
      await this.writePending();
      await this.copy(group);
      return;
    }
    this.pending.push(group);
    const rows = this.pending.reduce((sum, { kept }) => sum + kept, 0);
    const bytes = this.pending.reduce((sum, each) => sum + packedBytes(each.group) * (each.kept / each.group.rows), 0);
    if (rows >= Math.min(group.group.rows, GROUP_ROWS) || bytes >= GROUP_BYTES) await this.writePending();
  }

  finish(): void {
    const { metadata } = this.footer;
    const raw = (id: number): OutField[] => {
      const field = metadata.fields.get(id);
      return field ? [[id, field.type, field.type === THRIFT.true ? true : { raw: field.raw }]] : [];
    };
    const footer = writeThrift([
      ...raw(1),
      ...raw(2),
      [3, THRIFT.i64, this.rows],
      [4, THRIFT.list, { elementType: THRIFT.struct, elements: this.groups.map((bytes) => ({ raw: bytes })) }],
      ...raw(5),
      ...raw(6),
      ...raw(7),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    this.sink.write(Buffer.concat([footer, length, MAGIC]));
  }

  /** A row group whose rows are all kept, as the bytes that it is. */
  private async copy({ source, group }: KeptGroup): Promise<void> {
    const columns: Uint8Array[] = [];
    const start = this.offset;
    for (const { metadata, start: from, length } of group.chunks) {
      const moved = this.offset - from;
      for (let at = from; at < from + length; at += COPY_BYTES)
        this.sink.write(await source.slice(at, Math.min(from + length, at + COPY_BYTES)));
      const fields: OutField[] = [];
      for (const [id, { type, value, raw }] of [...metadata.fields].sort(([a], [b]) => a - b)) {
        if (DROPPED_WHEN_MOVED.has(id)) continue;
        const isOffset = id === 9 || (id === 11 && (value as number) > 0);
        fields.push([id, type, isOffset ? (value as number) + moved : typeof value === 'boolean' ? value : { raw }]);
      }
      columns.push(columnChunk(from + moved, fields));
    }
    this.endGroup(columns, group.rows, start, unpackedBytes(group), group.metadata.fields.get(4)?.raw);
  }

  private async writePending(): Promise<void> {
    const [first, ...others] = this.pending;
    if (first === undefined) return;
    const start = this.offset;
    const columns: Uint8Array[] = [];
    let unpacked = 0;
    for (const [column, chunk] of first.group.chunks.entries()) {
      const from = this.offset;
      const written = await this.writeChunk(column);
      unpacked += written.unpackedBytes;
      columns.push(columnChunk(from, chunkFields(chunk, written, from)));
    }
    const rows = this.pending.reduce((sum, { kept }) => sum + kept, 0);
    // Rows of several groups need not be in the order that each group's were.
    const sorting = others.length === 0 ? first.group.metadata.fields.get(4)?.raw : undefined;
    this.endGroup(columns, rows, start, unpacked, sorting);
    this.pending = [];
  }

  private async writeChunk(column: number): Promise<WrittenChunk> {
    const { leaf, codec: number } = this.pending[0].group.chunks[column];
    const codec = findCodec(number);
    if (codec === undefined) throw new Error(`a column is packed with ${codecName(number)}`);
    const writer = new ChunkWriter(leaf, codec, this.sink, this.categories.has(leaf.path[0]));
    for (const { source, group, keep } of this.pending) {
      const chunk = group.chunks[column];
      writer.startChunk(keep, chunk.valueCount);
      for await (const page of dataPages(source, chunk)) writer.add(page);
      if (writer.rows !== group.rows)
        throw new Error(`the column '${leaf.path.join('.')}' has not the rows of its row group`);
    }
    return writer.finish();
  }

  private endGroup(columns: Uint8Array[], rows: number, start: number, unpacked: number, sorting?: Uint8Array): void {
    const elements = columns.map((raw) => ({ raw }));
    this.groups.push(
      writeThrift([
        [1, THRIFT.list, { elementType: THRIFT.struct, elements }],
        [2, THRIFT.i64, unpacked],
        [3, THRIFT.i64, rows],
        ...(sorting ? ([[4, THRIFT.list, { raw: sorting }]] satisfies OutField[]) : []),
        [5, THRIFT.i64, start],
        [6, THRIFT.i64, this.offset - start],
      ]),
    );
  }
}

const COPY_BYTES = 8 << 20;
/** Offsets of indexes and filters, which are not copied. */
const DROPPED_WHEN_MOVED = new Set([10, 14, 15]);

function columnChunk(offset: number, metadata: OutField[]): Uint8Array {
  return writeThrift([
    [2, THRIFT.i64, offset],
    [3, THRIFT.struct, metadata],
  ]);
}

function chunkFields({ metadata }: Chunk, written: WrittenChunk, from: number): OutField[] {
  const raw = (id: number): OutField[] => {
    const field = metadata.fields.get(id);
    return field ? [[id, field.type, { raw: field.raw }]] : [];
  };
  const { dictionaryBytes } = written;
  return [
    ...raw(1),
    [2, THRIFT.list, { elementType: THRIFT.i32, elements: written.encodings }],
    ...raw(3),
    ...raw(4),
    [5, THRIFT.i64, written.valueCount],
    [6, THRIFT.i64, written.unpackedBytes],
    [7, THRIFT.i64, written.packedBytes],
    ...raw(8),
    [9, THRIFT.i64, from + dictionaryBytes],
    ...(dictionaryBytes > 0 ? ([[11, THRIFT.i64, from]] satisfies OutField[]) : []),
    [12, THRIFT.struct, [[3, THRIFT.i64, written.nullCount]]],
  ];
}

function packedBytes({ chunks }: RowGroup): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function unpackedBytes({ chunks }: RowGroup): number {
  return chunks.reduce((sum, { metadata }) => sum + (metadata.number(6) ?? 0), 0);
}
