import { CoresetError, createMatrix, type Matrix, openPool } from '@coreset/core';
import { type EmbedOptions, modelSettings } from './options.js';

/** A task is long enough to find texts of the same length in it, and short enough to stop soon: well below a second. */
const TEXTS_PER_TASK = 256;
const CHARACTERS_PER_TASK = 20_000;
const CHARACTERS_PER_TOKEN = 5;
const TASKS_AHEAD_PER_THREAD = 3;

interface Embedded {
  data: Float32Array;
  cols: number;
}

/**
 * Embed texts as a stream: yields consecutive blocks of rows, in the order of the texts, while further
 * texts are being embedded. Only a few blocks are in memory at a time.
 *
 * @throws CoresetError when an option is wrong, the model cannot be loaded, or an item is not a string
 */
export async function* embedStream(
  texts: Iterable<string> | AsyncIterable<string>,
  options: EmbedOptions = {},
): AsyncGenerator<Matrix, void, undefined> {
  const settings = modelSettings(options);
  const total = Array.isArray(texts) ? texts.length : undefined;
  const pool = openPool(new URL('./embed-worker.js', import.meta.url), settings, { ...options, keepThreads: false });
  const pending: Promise<Embedded>[] = [];
  let done = 0;
  const finish = async (): Promise<Matrix> => {
    const { data, cols } = (await pending.shift()) as Embedded;
    done += data.length / cols;
    options.onProgress?.({ stage: 'embed', done, total });
    return { data, rows: data.length / cols, cols };
  };
  const submit = (chunk: string[]): void => {
    const task = pool.run<Embedded>('embed', { texts: chunk });
    task.catch(() => {}); // it is awaited in its turn; until then a failure must not count as unhandled
    pending.push(task);
  };
  try {
    options.onProgress?.({ stage: 'embed', done, total });
    let chunk: string[] = [];
    let characters = 0;
    let row = 0;
    for await (const text of texts) {
      if (typeof text !== 'string') {
        throw new CoresetError(
          `row ${row} is ${text === null ? 'null' : typeof text}, not a text; the embedder takes strings`,
        );
      }
      row++;
      chunk.push(text);
      characters += Math.min(text.length, CHARACTERS_PER_TOKEN * settings.maxTokens);
      if (chunk.length < TEXTS_PER_TASK && characters < CHARACTERS_PER_TASK) continue;
      submit(chunk);
      chunk = [];
      characters = 0;
      if (pending.length >= pool.threads * TASKS_AHEAD_PER_THREAD) yield await finish();
    }
    if (chunk.length > 0) submit(chunk);
    while (pending.length > 0) yield await finish();
  } finally {
    await pool.close();
  }
}

/**
 * Embed texts with a self-supervised model.
 *
 * @returns one row per text in the order given, `cols` the model's width (384 for the bundled model), each
 * of Euclidean length 1 unless `normalise` is false. With the default batch size of 1 a row depends on its
 * text alone.
 * @throws CoresetError when an option is wrong, the model cannot be loaded, or an item is not a string
 */
export async function embedTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  options: EmbedOptions = {},
): Promise<Matrix> {
  const blocks: Matrix[] = [];
  let rows = 0;
  for await (const block of embedStream(texts, options)) {
    blocks.push(block);
    rows += block.rows;
  }
  const result = createMatrix(rows, blocks[0]?.cols ?? 0);
  let offset = 0;
  for (const block of blocks) {
    result.data.set(block.data, offset);
    offset += block.data.length;
  }
  return result;
}
