import { CoresetError, fileError, isSystemError, pickOptions } from '@coreset/core';
import { EMBED_OPTIONS, type EmbedOptions, embedStream, type Repeats } from '@coreset/embedder';
import { ShardFile } from './shard-file.js';

/** What is embedded. */
export interface ItemsToEmbed {
  /** Texts, or paths of images. */
  items: AsyncIterable<string>;
  /** Their number. */
  total: number;
  /** Items that get the vector of an earlier one. */
  repeats: Repeats | undefined;
}

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
  { items, total, repeats }: ItemsToEmbed,
  options: EmbedOptions,
): Promise<void> {
  const start = file.resumedRows;
  const firstOf = (row: number): number => repeats?.representative[row] ?? row;
  const appendRepeats = (): void => {
    while (file.rows < total && firstOf(file.rows) < file.rows) file.repeat(firstOf(file.rows));
  };
  if (start > 0) options.onNotice?.(`resuming behind row ${start} of ${total}, embedded by an earlier run`);
  const report = (): void => options.onProgress?.({ stage: 'embed', done: file.rows, total });
  appendRepeats();
  report();
  if (file.rows < total) {
    const left = filtered(items, (row) => row >= start && firstOf(row) === row, options.signal);
    for await (const { data, rows, cols, readings, empty } of embedStream(left, {
      ...pickOptions(options, EMBED_OPTIONS),
      onProgress: undefined,
      onDiagnostics: () => {}, // told before, since nothing may be left to embed
    })) {
      for (let row = 0; row < rows; row++) {
        if (file.rows === total)
          throw new CoresetError(`the input changed while it was read: more than ${total} rows; run again`);
        const vector = data.subarray(row * cols, (row + 1) * cols);
        const { tokens, unknown, lost } = readings;
        file.append(vector, [empty.includes(row) ? -1 : tokens[row], unknown[row], lost[row]]);
        appendRepeats();
      }
      report();
    }
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
