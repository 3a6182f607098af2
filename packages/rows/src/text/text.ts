import type { Sink } from '@coreset/core';
import type { Compression } from '../format.js';
import type { KeepRow, Row, RowContents } from '../row.js';
import { decodeLine, readLines } from './byte-stream.js';

export function textFile(path: string, compression: Compression): RowContents {
  return {
    fields: async (): Promise<string[]> => ['text'],
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      for await (const line of readLines(path, compression)) yield [{ text: decodeLine(line, path) }];
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      for await (const line of readLines(path, compression)) if (keep(line.number - 1)) sink.write(line.bytes);
    },
  };
}
