import type { Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import type { ArrowPart } from './arrow-rows.js';

/** What reads Arrow is loaded when it is needed. */
const load = () => import('./arrow-rows.js');

/** The rows of an Arrow IPC file or stream (Feather version 2 is one). */
export function arrowFile(path: string): RowContents {
  return {
    fields: async (): Promise<string[]> => (await load()).arrowColumns(path),
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      yield* (await load()).arrowBatches(path, fields);
    },
    writeKept: (keep: KeepRow, sink: Sink): Promise<void> => writeKeptArrow([{ path, keep }], sink),
  };
}

/**
 * Find out whether the kept rows of Arrow files can be written as one, before any long work.
 * @throws CoresetError when the columns of two files differ, or their dictionaries cannot be one
 */
export async function requireOneArrow(paths: string[]): Promise<void> {
  await (await load()).requireOneArrow(paths);
}

/**
 * Write the kept rows of Arrow files as one file or stream, as the first is. Schema, metadata and all values are those of
 * the files; in a file each dictionary has the entries of all.
 * @param parts files with the same columns, in the order of the rows; `keep` counts the rows of each from 0
 * @throws CoresetError when the columns of two files differ, or a file cannot be read
 */
export async function writeKeptArrow(parts: ArrowPart[], sink: Sink): Promise<void> {
  await (await load()).writeKeptArrow(parts, sink);
}
