import { setImmediate } from 'node:timers/promises';
import type { Sink } from '@coreset/core';
import type { DataType, Field } from 'apache-arrow';
import { columnBatches } from './column-batches.js';
import { type ColumnType, columnTypes } from './column-type.js';
import type { KeptRows } from './kept-rows.js';

type Arrow = typeof import('apache-arrow');

/** An Arrow IPC file: int64, float64, bool, UTF-8, binary, lists and structs; a column without values is of texts. */
export async function writeArrow(kept: KeptRows, sink: Sink): Promise<void> {
  const arrow = await import('apache-arrow'); // 0.1 s that only Arrow files should take
  const types = await columnTypes(kept);
  const fields = [...types].map(([name, type]) => fieldOf(arrow, name, type));
  const schema = new arrow.Schema(fields);
  const writer = new arrow.RecordBatchFileWriter();
  writer.reset(undefined, schema);
  const written = (async () => {
    for await (const bytes of writer) sink.write(bytes);
  })();
  written.catch(() => {}); // it is thrown where it is waited for
  const settled = (): Promise<void> => Promise.race([written, setImmediate()]);
  for await (const { rows, columns } of columnBatches(kept, types)) {
    const children = fields.map(({ name, type }) => dataOf(arrow, type, columns.get(name) as unknown[]));
    const data = arrow.makeData({ type: new arrow.Struct(fields), length: rows, nullCount: 0, children });
    await settled();
    writer.write(new arrow.RecordBatch(schema, data));
  }
  await settled();
  writer.finish();
  await written;
}

function fieldOf(arrow: Arrow, name: string, type: ColumnType): Field {
  return new arrow.Field(name, typeOf(arrow, type), true);
}

function typeOf(arrow: Arrow, type: ColumnType): DataType {
  switch (type.kind) {
    case 'boolean':
      return new arrow.Bool();
    case 'integer':
      return new arrow.Int64();
    case 'double':
      return new arrow.Float64();
    case 'bytes':
      return new arrow.Binary();
    case 'list':
      return new arrow.List(fieldOf(arrow, 'item', type.item));
    case 'struct':
      return new arrow.Struct([...type.fields].map(([name, member]) => fieldOf(arrow, name, member)));
    default:
      return new arrow.Utf8();
  }
}

function dataOf(arrow: Arrow, type: DataType, values: unknown[]) {
  const builder = arrow.makeBuilder({ type, nullValues: [null] });
  for (const value of values) builder.append(value);
  return builder.finish().flush();
}
