import type { Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';

/** The rows of an Arrow IPC file or stream (Feather version 2 is one). What reads it is loaded when it is needed. */
export function arrowFile(path: string): RowContents {
  const load = () => import('./arrow-rows.js');
  return {
    fields: async (): Promise<string[]> => (await load()).arrowColumns(path),
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      yield* (await load()).arrowBatches(path, fields);
    },
    writeKept: async (keep: KeepRow, sink: Sink): Promise<void> => (await load()).writeKeptArrow(path, keep, sink),
  };
}
