import { closeSync, openSync } from 'node:fs';
import { CoresetError, npyHeader, readFully, readNpyHeader, requireTwoDimensions, type Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';

const ELEMENT_BYTES: Record<string, number> = { '<f4': 4, '<f8': 8, '<i4': 4, '<i8': 8, '|u1': 1 };

/** Ready-made embeddings as rows: they have no fields, and the kept file is an array of the kept rows. */
export function npyFile(path: string): RowContents {
  return {
    fields: async (): Promise<string[]> => [],
    // biome-ignore lint/correctness/useYield: a .npy file has vectors, not fields
    async *batches(): AsyncGenerator<Row[], void, undefined> {
      throw new CoresetError(`${path}: a .npy file holds embeddings, not fields to read`);
    },
    async writeKept(keep: KeepRow, sink: Sink): Promise<void> {
      const header = readNpyHeader(path);
      const [rows, cols] = requireTwoDimensions(header);
      let kept = 0;
      for (let i = 0; i < rows; i++) if (keep(i)) kept++;
      sink.write(npyHeader(header.descr, [kept, cols]));
      const bytes = Buffer.alloc(cols * ELEMENT_BYTES[header.descr]);
      const descriptor = openSync(path, 'r');
      try {
        for (let i = 0; i < rows; i++) {
          if (!keep(i)) continue;
          readFully(descriptor, bytes, header.dataOffset + i * bytes.length);
          sink.write(bytes);
        }
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
