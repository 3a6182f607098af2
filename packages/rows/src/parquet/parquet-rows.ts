import { CoresetError, type Sink } from '@coreset/core';
import type { ByteSource } from '../bytes/source.js';
import type { KeepRow, Row, RowContents } from '../row.js';
import { setField } from '../values/numbers.js';
import { ColumnReader } from './assemble.js';
import { damaged, type Footer } from './footer.js';
import { type OpenParquet, openParquet } from './open.js';
import { dataPages } from './pages.js';
import type { SchemaNode } from './schema.js';
import { writeKept } from './write-kept.js';

const BATCH_ROWS = 1000;

/** The rows of a Parquet file on this machine. */
export function localParquet(path: string): RowContents {
  return parquetRows(() => openParquet(path));
}

/** The rows of a Parquet file at an address: its footer is fetched once, and of its columns those asked for. */
export function remoteParquet(address: string): RowContents {
  let opened: Promise<OpenParquet> | undefined;
  return parquetRows(() => {
    opened ??= openParquet(address);
    return opened;
  });
}

function parquetRows(open: () => Promise<OpenParquet>): RowContents {
  return {
    async fields(): Promise<string[]> {
      const { source, footer } = await open();
      await source.close();
      return footer.schema.columns.map(({ name }) => name);
    },
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      const { source, footer } = await open();
      try {
        const columns = [...new Set(fields)].flatMap((name) => findColumn(source.name, footer, name));
        yield* readBatches(source, footer, columns);
      } catch (error) {
        throw damaged(source.name, error);
      } finally {
        await source.close();
      }
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      const { source, footer } = await open();
      try {
        await writeKept({ source, footer }, keep, sink);
      } finally {
        await source.close();
      }
    },
  };
}

/** None where the file has no such column. */
function findColumn(name: string, { schema }: Footer, field: string): SchemaNode[] {
  const found = schema.columns.filter((column) => column.name === field);
  if (found.length > 1) throw new CoresetError(`${name}: names the column '${field}' twice; rename one of them`);
  return found;
}

async function* readBatches(
  source: ByteSource,
  { schema, groups }: Footer,
  columns: SchemaNode[],
): AsyncGenerator<Row[], void, undefined> {
  for (const { rows, chunks } of groups) {
    const readers = columns.map((column) => {
      const [first, end] = column.leaves;
      const pages = chunks.slice(first, end).map((chunk) => dataPages(source, chunk));
      return new ColumnReader(column, schema.leaves.slice(first, end), pages);
    });
    for (let row = 0; row < rows; row += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, rows - row);
      const batch: Row[] = Array.from({ length: count }, () => ({}));
      for (const [c, reader] of readers.entries()) {
        const values = await reader.take(count);
        for (let i = 0; i < count; i++) setField(batch[i], columns[c].name, values[i]);
      }
      yield batch;
    }
  }
}
