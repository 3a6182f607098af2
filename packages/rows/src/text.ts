import type { Sink } from '@coreset/core';
import { decodeLine, readLines } from './byte-stream.js';
import type { KeepRow, Row, RowContents } from './row-file.js';

export function textFile(path: string, gzipped: boolean): RowContents {
  return {
    fields: async (): Promise<string[]> => ['text'],
    async *read(): AsyncGenerator<Row, void, undefined> {
      for await (const line of readLines(path, gzipped)) yield { text: decodeLine(line, path) };
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      for await (const line of readLines(path, gzipped)) if (keep(line.number - 1)) sink.write(line.bytes);
    },
  };
}
