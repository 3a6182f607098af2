import { CoresetError, type Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import { setField } from '../values/numbers.js';
import { ColumnReader } from './assemble.js';
import { damaged, type Footer, readFooter } from './footer.js';
import { dataPages } from './pages.js';
import type { SchemaNode } from './schema.js';
import { type ByteSource, fileSource } from './source.js';
import { writeKept } from './write-kept.js';

const BATCH_ROWS = 1000;

/** The rows of a Parquet file on this machine. */
export function parquetFile(path: string): RowContents {
  return parquetRows(() => fileSource(path));
}

/** The rows of Parquet bytes, wherever they lie. */
export function parquetRows(open: () => Promise<ByteSource>): RowContents {
  return {
    async fields(): Promise<string[]> {
      return withFooter(open, async (_, { schema }) => schema.columns.map(({ name }) => name));
    },
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      const source = await open();
      try {
        const footer = await readFooter(source);
        const columns = [...new Set(fields)].flatMap((name) => findColumn(source.name, footer, name));
        yield* readBatches(source, footer, columns);
      } catch (error) {
        throw damaged(source.name, error);
      } finally {
        await source.close();
      }
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      await withFooter(open, (source, footer) => writeKept([{ source, footer, keep }], sink));
    },
  };
}

async function withFooter<T>(
  open: () => Promise<ByteSource>,
  use: (source: ByteSource, footer: Footer) => Promise<T>,
): Promise<T> {
  const source = await open();
  try {
    return await use(source, await readFooter(source));
  } finally {
    await source.close();
  }
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
