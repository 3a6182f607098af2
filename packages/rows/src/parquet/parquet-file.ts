import type { Sink } from '@coreset/core';
import type { KeepRow, Row, RowContents } from '../row.js';
import type { ParquetPart } from './write-kept.js';

/** What reads Parquet, with its codecs, is loaded when it is needed. */
const loadRows = () => import('./parquet-rows.js');
const loadWriter = () => import('./write-kept.js');

/** The rows of a Parquet file on this machine. */
export function parquetFile(path: string): RowContents {
  return loadedLater(async () => (await loadRows()).localParquet(path));
}

/** The rows of a Parquet file at an address: its footer is fetched once, and of its columns those asked for. */
export function remoteParquet(address: string): RowContents {
  let contents: Promise<RowContents> | undefined;
  return loadedLater(() => {
    contents ??= loadRows().then((rows) => rows.remoteParquet(address));
    return contents;
  });
}

/**
 * Find out by the footer alone whether the kept rows of a Parquet file can be written, before any long work.
 * @param path a file, or an https address
 * @throws CoresetError when the file is damaged or encrypted, or has a column packed or encoded in an unknown way
 */
export async function requireWritableParquet(path: string): Promise<void> {
  await (await loadWriter()).requireWritableParquet(path);
}

/**
 * Find out by their footers whether the kept rows of Parquet files can be written as one.
 * @throws CoresetError when the columns of two files differ, or one cannot be written
 */
export async function requireOneParquet(paths: string[]): Promise<void> {
  await (await loadWriter()).requireOneParquet(paths);
}

/**
 * Write the kept rows of Parquet files as one Parquet file. Schema, metadata, the codec of each column and every value
 * are those of the files: values are copied as the bytes that they are.
 * @param parts files with the same columns, in the order of the rows; `keep` counts the rows of each from 0
 * @throws CoresetError when the columns of two files differ, or a file cannot be read
 */
export async function writeKeptParquet(parts: ParquetPart[], sink: Sink): Promise<void> {
  await (await loadWriter()).writeKeptParquet(parts, sink);
}

function loadedLater(load: () => Promise<RowContents>): RowContents {
  return {
    fields: async (): Promise<string[]> => (await load()).fields(),
    async *batches(fields: string[]): AsyncGenerator<Row[], void, undefined> {
      yield* (await load()).batches(fields);
    },
    writeKept: async (keep: KeepRow, sink: Sink): Promise<void> => (await load()).writeKept(keep, sink),
  };
}
