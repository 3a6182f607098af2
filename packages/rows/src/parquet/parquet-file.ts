import { CoresetError, messageOf, type Sink } from '@coreset/core';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { KeepRow, Row, RowContents } from '../row.js';
import { requirePages } from './pages.js';

const BATCH_ROWS = 20_000;

/** Times and dates stay the numbers they are in the file, so that writing them back loses nothing. */
const LOSSLESS_PARSERS = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
  dateFromDays: (value: number) => value,
};

interface OpenParquet {
  file: AsyncBuffer;
  metadata: FileMetaData;
}

function damaged(path: string, error: unknown): CoresetError {
  return CoresetError.isInstance(error)
    ? error
    : new CoresetError(
        `${path}: the Parquet file cannot be read, it is cut short, damaged or of an unsupported kind (${messageOf(error).slice(0, 160)})`,
      );
}

async function open(path: string): Promise<OpenParquet> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    requireConsistent(metadata, file.byteLength);
    return { file, metadata };
  } catch (error) {
    throw damaged(path, error);
  }
}

/** A damaged footer must not send the reader over billions of rows or outside the file. */
function requireConsistent({ num_rows, row_groups, schema }: FileMetaData, byteLength: number): void {
  let rows = 0n;
  for (const { num_rows: groupRows, columns } of row_groups) {
    if (groupRows < 0n) throw new Error('a row group has a negative number of rows');
    rows += groupRows;
    for (const { meta_data: column } of columns) {
      if (column === undefined) throw new Error('a column has no metadata');
      const end = column.data_page_offset + column.total_compressed_size;
      if (end > BigInt(byteLength) || column.num_values < groupRows) {
        throw new Error('a column lies outside the file or has too few values');
      }
    }
  }
  if (rows !== num_rows || schema.length === 0) throw new Error('the row groups do not add up to the number of rows');
}

/** Names of the top-level columns: the root's children, each of which may have children of its own. */
function topLevelColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    let left = schema[at++].num_children ?? 0;
    while (left-- > 0) skip();
  };
  while (at < schema.length) {
    names.push(schema[at].name);
    skip();
  }
  return names;
}

async function* batches(
  path: string,
  { file, metadata }: OpenParquet,
  columns: string[],
): AsyncGenerator<Row[], void, undefined> {
  try {
    await requirePages(file, metadata);
  } catch (error) {
    throw damaged(path, error);
  }
  let start = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = start + Number(group.num_rows);
    for (; start < groupEnd; start += BATCH_ROWS) {
      const rowEnd = Math.min(groupEnd, start + BATCH_ROWS);
      try {
        yield await parquetReadObjects({
          file,
          metadata,
          columns,
          compressors,
          rowStart: start,
          rowEnd,
          parsers: LOSSLESS_PARSERS,
        });
      } catch (error) {
        throw damaged(path, error);
      }
    }
    start = groupEnd;
  }
}

/** A ByteWriter that hands its bytes on after each row group. */
class SinkWriter extends ByteWriter {
  constructor(private readonly sink: Sink) {
    super();
  }

  flush(): void {
    this.sink.write(new Uint8Array(this.buffer, 0, this.index));
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

export function parquetFile(path: string): RowContents {
  return {
    fields: async (): Promise<string[]> => topLevelColumns((await open(path)).metadata),
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      yield* batches(path, await open(path), fields);
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      const opened = await open(path);
      const columns = topLevelColumns(opened.metadata);
      const { schema, key_value_metadata: kvMetadata } = opened.metadata;
      const writer = new ParquetWriter({ writer: new SinkWriter(sink), schema, kvMetadata });
      let row = 0;
      for await (const rows of batches(path, opened, columns)) {
        const kept = rows.filter(() => keep(row++));
        if (kept.length === 0) continue;
        const columnData = columns.map((name) => ({ name, data: kept.map((values) => values[name]) }));
        await writer.write({ columnData, rowGroupSize: kept.length });
      }
      await writer.finish();
    },
  };
}
