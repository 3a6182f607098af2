import { setImmediate } from 'node:timers/promises';
import {
  CoresetError,
  createMatrix,
  diagnose,
  formatCount,
  type Matrix,
  type OnProgress,
  openPool,
  type Pool,
  type RunOptions,
  requireKnownOptions,
  rowOf,
  showAs,
  shownInCell,
} from '@coreset/core';
// It also switches off telemetry in the main thread, before any other starts.
import { CPU } from '@coreset/kernels';
import { checkCache } from './cache/cache-options.js';
import { embedCached } from './cache/embed-cached.js';
import { modelFingerprint } from './cache/model-fingerprint.js';
import { VectorCache } from './cache/vector-cache.js';
import { keyOf } from './cache/vector-key.js';
import { Chunk } from './chunk.js';
import { DistinctTexts } from './distinct-texts.js';
import type { Embedded, EmbeddingTasks } from './embedding-tasks.js';
import type * as imageWorker from './image-worker.js';
import { modelDiagnostics } from './model-diagnostics.js';
import { modelNotices } from './model-notices.js';
import type { Modality } from './model-source.js';
import { type Missing, NoVector } from './no-vector.js';
import { EMBED_OPTIONS, type EmbedOptions, modelSettings, type WorkerSettings, workerSettings } from './options.js';
import { addReadings, emptySummary, imageNotices, readingNotices, type TextReadings } from './readings.js';
import { ScriptWatch } from './script-watch.js';
import type * as staticWorker from './static/static-worker.js';
import { readTokenTable } from './static/token-table.js';
import type * as textWorker from './text-worker.js';

const TASKS_AHEAD_PER_THREAD = 3;
/** Texts that repeat are passed over so many at a time: in between an abort is seen. */
const REPEATS_AT_ONCE = 4096;

/** Rows that are embedded. */
export interface EmbeddedBlock extends Matrix {
  /** What the model read of each row's text; an image is one token, and one behind the limit where it is cut short. */
  readings: TextReadings;
  /** Rows of the block, counted from 0, that are zeros since their item has no vector; there are some only if so asked. */
  empty: number[];
}

const WORKERS: Record<Modality, URL> = {
  text: new URL('./text-worker.js', import.meta.url),
  image: new URL('./image-worker.js', import.meta.url),
};
const STATIC_WORKER = new URL('./static/static-worker.js', import.meta.url);

/** The threads that embed; what a static model knows is loaded once, and they share it. */
function openEmbedders(settings: WorkerSettings, options: RunOptions): Pool<EmbeddingTasks> {
  // Sessions of several threads would each hold the model on a GPU, and wait for each other there.
  const threads = settings.device === CPU ? options.threads : 1;
  const ofThreads = { ...options, threads, keepThreads: false };
  const { static: model, source } = settings;
  if (model === undefined)
    return openPool<typeof textWorker | typeof imageWorker>(WORKERS[settings.modality], settings, ofThreads);
  const table = readTokenTable(source.folder, model);
  return openPool<typeof staticWorker>(STATIC_WORKER, { ...settings, static: model, table }, ofThreads);
}

/** Texts, or paths of image files. */
export type Items = Iterable<string> | AsyncIterable<string>;

/**
 * Embed texts, or images with `modality: 'image'`, as a stream: yields consecutive blocks of rows, in the order of the
 * items, while further ones are being embedded. Only a few blocks are in memory at a time.
 *
 * With a `cache`, `onNotice` and `onDiagnostics` are told at the end how many vectors came from it.
 *
 * @param items texts, or paths of image files
 * @throws CoresetError when an option is wrong, the model cannot be loaded, an item is not a string, or an item has no
 * vector or cannot be read (see `onEmpty`)
 */
export async function* embedStream(
  items: Items,
  given: EmbedOptions = {},
): AsyncGenerator<EmbeddedBlock, void, undefined> {
  requireKnownOptions('embedStream', given, EMBED_OPTIONS);
  const options = shownInCell(given);
  const place = checkCache(options);
  const settings = await workerSettings(options);
  const { modality } = settings;
  const total = totalOf(items);
  diagnose(options, 'embed', modelDiagnostics(settings, options.model));
  for (const notice of modelNotices(settings, options)) options.onNotice?.(notice);
  const pool = openEmbedders(settings, options);
  const pending: { items: string[]; task: Promise<Embedded> }[] = [];
  let done = 0;
  const finish = async (): Promise<EmbeddedBlock> => {
    const { items: embeddedItems, task } = pending.shift() as (typeof pending)[number];
    const { missing, ...embedded } = await task;
    const rows = embeddedItems.length;
    const empty = [...missing.keys()].sort((a, b) => a - b);
    const [first] = empty;
    if (first !== undefined && options.onEmpty !== 'zeros')
      throw new NoVector(done + first, embeddedItems[first], missing.get(first) as Missing);
    done += rows;
    options.onProgress?.({ stage: 'embed', done, total });
    return { ...embedded, rows, empty };
  };
  const embed = (chunk: string[]): Promise<Embedded> => pool.run('embed', { items: chunk });
  let cache: VectorCache | undefined;
  const submit = ({ items: chunk, keys }: Chunk): void => {
    const task = cache ? embedCached(cache, chunk, keys, embed) : embed(chunk);
    task.catch(() => {}); // it is awaited in its turn; until then a failure must not count as unhandled
    pending.push({ items: chunk, task });
  };
  try {
    cache = place && (await VectorCache.open(place, modelFingerprint(settings), options));
    options.onProgress?.({ stage: 'embed', done, total });
    let chunk = new Chunk(settings);
    let row = 0;
    const scripts = modality === 'text' ? ScriptWatch.of(settings.source, options.onNotice) : undefined;
    for await (const item of items) {
      requireItem(item, row++, modality);
      scripts?.see(item);
      const key = cache && (await keyOf(item, modality));
      chunk.add(item, key, key !== undefined && cache?.has(key.key) === true);
      if (!chunk.isFull) continue;
      submit(chunk);
      if (chunk.isKnown) await setImmediate(); // nobody else waits for anything, and an abort must be heard
      options.signal?.throwIfAborted();
      chunk = new Chunk(settings);
      if (pending.length >= pool.threads * TASKS_AHEAD_PER_THREAD) yield await finish();
    }
    if (chunk.items.length > 0) submit(chunk);
    scripts?.end();
    while (pending.length > 0) yield await finish();
    if (cache) tellCache(cache, done, options);
  } finally {
    Atomics.store(settings.stopped, 0, 1);
    await pool.close();
    cache?.close();
  }
}

function tellCache(cache: VectorCache, rows: number, options: EmbedOptions): void {
  cache.flush();
  const { folder, hits, kept } = cache;
  const more = kept > 0 ? `, which has ${formatCount(kept)} more now` : '';
  diagnose(options, 'embed', { cache: folder, fromCache: hits, notFromCache: rows - hits });
  options.onNotice?.(
    `${formatCount(hits)} of ${formatCount(rows)} vectors came from the cache ${options.cache}${more}`,
  );
}

function requireItem(item: unknown, row: number, modality: Modality): void {
  if (typeof item === 'string') return;
  const wanted = modality === 'text' ? 'a text' : 'the path of an image';
  throw new CoresetError(
    `row ${row} is ${item === null ? 'null' : typeof item}, not ${wanted}; the embedder takes strings`,
  );
}

/** The options of functions whose name says the modality. */
const { modality: _, ...OF_ONE_MODALITY } = EMBED_OPTIONS;

/**
 * Embed texts with a self-supervised model, each different text once.
 *
 * @returns one row per text in the order given, `cols` the model's width (384 for the bundled model), each
 * of Euclidean length 1 unless `normalise` is false. With the default batch size a row depends on its
 * text alone. `onNotice` is told what the model did not read.
 * @throws CoresetError when an option is wrong, the model cannot be loaded, an item is not a string, or a text has
 * no vector (see `onEmpty`)
 */
export async function embedTexts(texts: Items, given: Omit<EmbedOptions, 'modality'> = {}): Promise<Matrix> {
  requireKnownOptions('embedTexts', given, OF_ONE_MODALITY);
  const options = shownInCell(given);
  return embedAll(texts, { ...options, modality: 'text' });
}

/**
 * Embed image files (JPEG, PNG, WebP, GIF, AVIF, TIFF, SVG) with a self-supervised model, which must be named.
 *
 * @param files their paths
 * @returns one row per image in the order given, each of Euclidean length 1 unless `normalise` is false
 * @throws CoresetError when an option is wrong, the model cannot be loaded, or an image cannot be read (see `onEmpty`)
 */
export async function embedImages(
  files: Items,
  given: Omit<EmbedOptions, 'modality'> & { model: string },
): Promise<Matrix> {
  requireKnownOptions('embedImages', given, OF_ONE_MODALITY);
  const options = shownInCell(given);
  return embedAll(files, { ...options, modality: 'image' });
}

async function embedAll(items: Items, options: EmbedOptions & { modality: Modality }): Promise<Matrix> {
  const { modality, onProgress } = options;
  const seen = await DistinctTexts.create();
  async function* distinct(): AsyncGenerator<string, void, undefined> {
    for await (const item of items) {
      requireItem(item, seen.rows, modality);
      if (seen.add(item)) yield item;
      else if (seen.repeated % REPEATS_AT_ONCE === 0) {
        await setImmediate();
        options.signal?.throwIfAborted();
      }
    }
  }
  const inRows: OnProgress | undefined =
    onProgress && (({ stage, done }) => onProgress({ stage, done: done + seen.repeated, total: totalOf(items) }));
  const blocks: Matrix[] = [];
  const summary = emptySummary();
  try {
    for await (const { data, rows, cols, readings } of embedStream(distinct(), { ...options, onProgress: inRows })) {
      addReadings(readings, summary);
      blocks.push({ data, rows, cols });
    }
  } catch (error) {
    throw error instanceof NoVector
      ? new NoVector(rowOfDistinct(error.row, seen.repeats()?.representative), error.item, error.why)
      : error;
  }
  const { cutRows, emptyRows } = summary;
  diagnose(options, 'embed', { rows: seen.rows, distinct: seen.rows - seen.repeated, cutRows, emptyRows });
  if (options.onNotice)
    (modality === 'text' ? readingNotices(summary, modelSettings(options)) : imageNotices(summary)).forEach(
      options.onNotice,
    );
  const embedded = expand(blocks, seen.rows, seen.repeats()?.representative);
  const { rows, cols } = embedded;
  return showAs(embedded, () => ({ 'text/plain': `embeddings: ${formatCount(rows)} rows × ${cols} columns` }));
}

/** The row that is the n-th of those that differ from all before. */
function rowOfDistinct(n: number, representative: Int32Array | undefined): number {
  if (!representative) return n;
  let row = 0;
  for (let before = 0; representative[row] < row || before++ < n; ) row++;
  return row;
}

/** Vectors of the rows that differ, in blocks, to those of all rows. */
function expand(blocks: Matrix[], rows: number, representative: Int32Array | undefined): Matrix {
  const cols = blocks[0]?.cols ?? 0;
  const result = createMatrix(rows, cols);
  let row = 0;
  const repeat = (): void => {
    if (representative)
      for (; representative[row] < row; row++) rowOf(result, row).set(rowOf(result, representative[row]));
  };
  for (const block of blocks) {
    for (let b = 0; b < block.rows; b++) {
      rowOf(result, row++).set(rowOf(block, b));
      repeat();
    }
  }
  return result;
}

function totalOf(items: Items): number | undefined {
  return Array.isArray(items) ? items.length : undefined;
}
