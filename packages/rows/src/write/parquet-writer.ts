import type { Sink } from '@coreset/core';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { columnBatches } from './column-batches.js';
import { type ColumnType, columnTypes } from './column-type.js';
import type { KeptRows } from './kept-rows.js';

/** A writer that hands its bytes on after each row group. */
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

/** Of the version of hyparquet that the writer has. */
type SchemaElement = NonNullable<ConstructorParameters<typeof ParquetWriter>[0]['schema']>[number];

/** Parquet with Snappy: int64, double, boolean, UTF-8, bytes, lists and structs; a column without values is of texts. */
export async function writeParquet(kept: KeptRows, sink: Sink): Promise<void> {
  const types = await columnTypes(kept);
  const columns = [...types].flatMap(([name, type]) => schemaOf(name, type));
  const schema: SchemaElement[] = [{ name: 'schema', num_children: types.size }, ...columns];
  const writer = new ParquetWriter({ writer: new SinkWriter(sink), schema });
  for await (const { rows, columns } of columnBatches(kept, types)) {
    // The writer's dictionaries take −0 for 0.
    const columnData = [...columns].map(([name, data]) => ({
      name,
      data,
      encoding: hasDoubles(types.get(name)) ? ('PLAIN' as const) : undefined,
    }));
    await writer.write({ columnData, rowGroupSize: rows });
  }
  await writer.finish();
}

function hasDoubles(type: ColumnType | undefined): boolean {
  if (type?.kind === 'list') return hasDoubles(type.item);
  if (type?.kind === 'struct') return [...type.fields.values()].some(hasDoubles);
  return type?.kind === 'double';
}

function schemaOf(name: string, type: ColumnType): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type.kind) {
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }];
    case 'integer':
      return [{ ...optional, type: 'INT64' }];
    case 'double':
      return [{ ...optional, type: 'DOUBLE' }];
    case 'bytes':
      return [{ ...optional, type: 'BYTE_ARRAY' }];
    case 'list':
      return [
        { ...optional, converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...schemaOf('element', type.item),
      ];
    case 'struct':
      return [
        { ...optional, num_children: type.fields.size },
        ...[...type.fields].flatMap(([field, member]) => schemaOf(field, member)),
      ];
    default:
      return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
  }
}
