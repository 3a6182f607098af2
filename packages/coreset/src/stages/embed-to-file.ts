import { setImmediate } from 'node:timers/promises';
import {
  CoresetError,
  diagnose,
  fileError,
  isSystemError,
  noProgress,
  openVectors,
  pickOptions,
  type Vectors,
} from '@coreset/core';
import { EMBED_OPTIONS, type EmbedOptions, embedStream, type Repeats } from '@coreset/embedder';
import { READING_NUMBERS } from './readings.js';
import { ShardFile } from './shard-file.js';

/** Vectors that an earlier run made of some of the items. */
export interface KnownVectors {
  vectors: Vectors;
  /** See {@link Reading}, per vector. */
  readings: Int32Array;
  /** Per item the vector that is its own, −1 where there is none. */
  of: Int32Array;
}

/** What is embedded. */
export interface ItemsToEmbed {
  /** Texts, or paths of images. */
  items: AsyncIterable<string>;
  /** Their number. */
  total: number;
  /** Items that get the vector of an earlier one. */
  repeats: Repeats | undefined;
  /** What is copied in place of being embedded. */
  known?: KnownVectors;
}

/** Rows that are copied before the event loop turns. */
const COPIED_AT_ONCE = 4096;

/**
 * Embed texts or images into a `.npy` file, each different one once. A killed run leaves `PATH.part` and `PATH.journal`;
 * the next call with the same key goes on behind the last whole shard and ends with the same bytes.
 *
 * @param key hash of everything that the vectors depend on
 * @param check looks at the complete file before it is put in its place; what it throws is thrown
 * @returns what the model read of each, see {@link Reading}; −1 tokens where it has no vector and the vector is zeros
 * @throws CoresetError when the items are fewer or more than `total`, or the file cannot be written
 */
export async function embedToFile(
  path: string,
  rows: ItemsToEmbed,
  key: string,
  options: EmbedOptions,
  check: (path: string, readings: Int32Array) => Promise<void>,
): Promise<Int32Array> {
  try {
    const file = new ShardFile(path, rows.total, key);
    try {
      await appendVectors(file, rows, options);
      file.complete();
      await check(file.partPath, file.readings);
      file.publish();
      return file.readings;
    } finally {
      file.close();
    }
  } catch (error) {
    throw isSystemError(error) ? fileError('write', path, error) : error;
  }
}

async function appendVectors(
  file: ShardFile,
  { items, total, repeats, known }: ItemsToEmbed,
  options: EmbedOptions,
): Promise<void> {
  const start = file.resumedRows;
  const firstOf = (row: number): number => repeats?.representative[row] ?? row;
  const isKnown = (row: number): boolean => known !== undefined && known.of[row] >= 0;
  const reader = known && openVectors(known.vectors);
  const appendKnown = (row: number): void => {
    if (known === undefined || reader === undefined) return;
    const from = known.of[row];
    const [tokens, unknown, lost] = known.readings.subarray(from * READING_NUMBERS, (from + 1) * READING_NUMBERS);
    file.append(reader.read(from, from + 1), [tokens, unknown, lost]);
  };
  /** Append what is not to be embedded before the next row that is. */
  const appendCopies = async (): Promise<void> => {
    for (let copied = 1; file.rows < total; copied++) {
      const row = file.rows;
      if (firstOf(row) < row) file.repeat(firstOf(row));
      else if (isKnown(row)) appendKnown(row);
      else return;
      if (copied % COPIED_AT_ONCE === 0) await setImmediate();
      options.signal?.throwIfAborted();
    }
  };
  if (start > 0) options.onNotice?.(`resuming behind row ${start} of ${total}, embedded by an earlier run`);
  const report = (): void => options.onProgress?.({ stage: 'embed', done: file.rows, total });
  try {
    await appendCopies();
    report();
    if (file.rows < total) {
      const isLeft = (row: number): boolean => row >= start && firstOf(row) === row && !isKnown(row);
      for await (const { data, rows, cols, readings, empty } of embedStream(filtered(items, isLeft, options.signal), {
        ...pickOptions(options, EMBED_OPTIONS),
        onProgress: noProgress,
        onDiagnostics: (stage, facts) => {
          // The others are told before, since nothing may be left to embed.
          if ('fromCache' in facts) diagnose(options, stage, facts);
        },
      })) {
        for (let row = 0; row < rows; row++) {
          if (file.rows === total)
            throw new CoresetError(`the input changed while it was read: more than ${total} rows; run again`);
          const vector = data.subarray(row * cols, (row + 1) * cols);
          const { tokens, unknown, lost } = readings;
          file.append(vector, [empty.includes(row) ? -1 : tokens[row], unknown[row], lost[row]]);
          await appendCopies();
        }
        report();
      }
    }
  } finally {
    reader?.close();
  }
  if (file.rows !== total)
    throw new CoresetError(`the input changed while it was read: ${file.rows} rows, not ${total}; run again`);
}

async function* filtered(
  items: AsyncIterable<string>,
  isTaken: (row: number) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  let row = 0;
  for await (const item of items) {
    signal?.throwIfAborted();
    if (isTaken(row++)) yield item;
  }
}
