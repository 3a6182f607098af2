import {
  CoresetError,
  type Diagnostics,
  diagnose,
  forEachBlock,
  npyHeader,
  openNpyVectors,
  pickOptions,
  type RunOptions,
  subsetOf,
  writeAtomic,
} from '@coreset/core';
import {
  type CacheOptions,
  EMBED_OPTIONS,
  type EmbedOptions,
  embedStream,
  hashModelFiles,
  imageNotices,
  type LocalSettings,
  localSettings,
  type Modality,
  modelDiagnostics,
  modelSettings,
  NoVector,
  readingNotices,
} from '@coreset/embedder';
import { writeVectorColumn } from '@coreset/rows';
import { type Corpus, corpusHash, corpusItems, embeddedCount, embeddedRows } from '../input/corpus.js';
import type { FileWatch } from '../input/file-watch.js';
import { requireSameImages } from '../input/inspect-image.js';
import { hashValue } from '../run/hash.js';
import { embedToFile, type KnownVectors } from './embed-to-file.js';
import { hasTokens, isCut, rowsWithTokens, summaryOf } from './readings.js';

/** The embedder's options that a result depends on. */
export type EmbedSettings = Pick<
  EmbedOptions,
  'model' | 'dtype' | 'device' | 'pooling' | 'normalise' | 'prefix' | 'maxTokens' | 'long' | 'batchSize'
>;

/** Every option of {@link EmbedSettings}. */
export const EMBED_SETTINGS: Readonly<Record<keyof EmbedSettings, true>> = {
  model: true,
  dtype: true,
  device: true,
  pooling: true,
  normalise: true,
  prefix: true,
  maxTokens: true,
  long: true,
  batchSize: true,
};

interface ModelFingerprint {
  files: [name: string, sha256: string][];
}

/** Everything of a model that vectors depend on: the settings, and each file as it is now. */
function modelFingerprint(local: LocalSettings): ModelFingerprint {
  const { source: _, ...settings } = local;
  return { files: hashModelFiles(local), ...settings };
}

/** What decides the vectors that a model gives: its settings, and the hash of each of its files. */
export function modelFacts(
  settings: LocalSettings,
  model: string | undefined,
  { files }: ModelFingerprint = modelFingerprint(settings),
): Diagnostics {
  return { ...modelDiagnostics(settings, model), modelFiles: Object.fromEntries(files) };
}

/** What is embedded of a corpus, which is not one of vectors. */
export function modalityOf({ content }: Corpus): Modality {
  return content.modality === 'image' ? 'image' : 'text';
}

/**
 * Everything that a corpus's vectors depend on. A model of the hub is downloaded where it is not here yet: its files tell
 * whether it is still the same.
 */
export async function embeddingDependencies(
  corpus: Corpus,
  options: EmbedSettings & Pick<RunOptions, 'onDiagnostics'>,
  sha256: string = corpusHash(corpus),
): Promise<object> {
  const { file, opened, content, images, badRows } = corpus;
  const { modality, label, columns, source } = content;
  const input = { input: sha256, format: file.format, opened, modality, label, columns, source, images, badRows };
  if (modality === 'vector') return input;
  const settings = await localSettings({ ...pickOptions(options, EMBED_SETTINGS), modality: modalityOf(corpus) });
  const model = modelFingerprint(settings);
  diagnose(options, 'embed', modelFacts(settings, options.model, model));
  return { ...input, model };
}

/** What became of the rows of a corpus. @param readings of each embedded row */
export function embeddedDiagnostics(corpus: Corpus, readings: Int32Array | undefined): Diagnostics {
  const rows = embeddedCount(corpus);
  if (readings === undefined) return { rows };
  const { cutRows, emptyRows, tokens, unknownTokens, lostTokens } = summaryOf(readings);
  const ofTexts = modalityOf(corpus) === 'text' && { tokens, unknownTokens, lostTokens };
  return { rows, distinct: rows - (corpus.repeats?.count ?? 0), cutRows, emptyRows, ...ofTexts };
}

/**
 * Put the vectors of a corpus into a `.npy` file: embedded, going on where an earlier run with the same input and options
 * stopped, or out of a column.
 * @param known of texts or images, vectors that are there already
 * @returns what the model read of each embedded row, see {@link Reading}; undefined of a column
 * @throws CoresetError naming the place of a row that the model has no vector for, where rows may not be left out
 */
export async function embedCorpusToFile(
  path: string,
  corpus: Corpus,
  options: EmbedSettings & CacheOptions & RunOptions,
  knownKey?: string,
  known?: KnownVectors,
): Promise<Int32Array | undefined> {
  const { file, watch, content, repeats, badRows } = corpus;
  if (content.vectorPath !== undefined) {
    // Bad rows are known already, and where they are not wanted there are none.
    await writeVectorColumn(
      unchanged(file.batches(content.columns), watch),
      content.vectorPath,
      path,
      badRows.length > 0 ? () => {} : undefined,
    );
    return undefined;
  }
  const key = knownKey ?? hashValue(await embeddingDependencies(corpus, options));
  const rows = { items: corpusItems(corpus), total: embeddedCount(corpus), repeats, known };
  const embedding = {
    ...options,
    modality: modalityOf(corpus),
    onEmpty: corpus.onBadRow === 'fail' ? 'fail' : 'zeros',
  } as const;
  try {
    return await embedToFile(path, rows, key, embedding, async (_, readings) => {
      await requireEachVector(corpus, readings, options);
      watch.verify();
      await requireSameImages(corpus.imageFiles, options.signal);
    });
  } catch (error) {
    throw error instanceof NoVector ? await inCorpus(corpus, error) : error;
  }
}

/** All batches, and then an error where the files are no longer those that were read before. */
async function* unchanged<Batch>(
  batches: AsyncIterable<Batch>,
  watch: FileWatch,
): AsyncGenerator<Batch, void, undefined> {
  yield* batches;
  watch.verify();
}

/**
 * What people should know of what the model did not read of a corpus, a line each.
 * @param readings of each embedded row
 */
export async function readingNotes(corpus: Corpus, readings: Int32Array, options: EmbedSettings): Promise<string[]> {
  const summary = summaryOf(readings);
  if (modalityOf(corpus) === 'text') return readingNotices(summary, modelSettings(pickOptions(options, EMBED_OPTIONS)));
  const first: Parameters<typeof imageNotices>[1] = {};
  if (summary.cutRows + summary.emptyRows > 0) {
    let row = 0;
    for await (const path of corpusItems(corpus)) {
      if (!hasTokens(readings, row)) first.unreadable ??= path;
      else if (isCut(readings, row)) first.cut ??= path;
      row++;
    }
  }
  return imageNotices(summary, first);
}

/**
 * Write the file again without the rows that the model has no vector for.
 * @returns their number
 */
export async function leaveOutEmpty(path: string, readings: Int32Array | undefined): Promise<number> {
  if (readings === undefined) return 0;
  const vectors = openNpyVectors(path);
  const left = rowsWithTokens(readings);
  if (left.length === vectors.rows) return 0;
  await writeAtomic(path, (sink) => {
    sink.write(npyHeader('<f4', [left.length, vectors.cols]));
    forEachBlock(subsetOf(vectors, left), ROWS_AT_ONCE, (block) => {
      sink.write(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
    });
  });
  return vectors.rows - left.length;
}

const ROWS_AT_ONCE = 4096;
/**
 * Look for rows that an earlier run left without a vector, where they are not wanted now; they are embedded again to say
 * why.
 * @throws CoresetError naming the place of the first
 */
export async function requireEachVector(
  corpus: Corpus,
  readings: Int32Array,
  options: EmbedSettings & RunOptions,
): Promise<void> {
  if (corpus.onBadRow !== 'fail' || rowsWithTokens(readings).length === embeddedCount(corpus)) return;
  const { signal, ...settings } = pickOptions(options, { ...EMBED_SETTINGS, signal: true });
  const again = { modality: modalityOf(corpus), signal, threads: 1, onDiagnostics: () => {} };
  let row = 0;
  for await (const item of corpusItems(corpus)) {
    if (hasTokens(readings, row++)) continue;
    try {
      for await (const _ of embedStream([item], { ...settings, ...again }));
    } catch (error) {
      throw error instanceof NoVector ? await inCorpus(corpus, error) : error;
    }
  }
}

/** What is wrong with an item, by its place in the corpus. */
async function inCorpus(corpus: Corpus, error: NoVector): Promise<CoresetError> {
  const { file, content } = corpus;
  let row = 0;
  for await (const item of corpusItems(corpus)) {
    if (item !== error.item) {
      row++;
      continue;
    }
    const place = file.place(embeddedRows(corpus)[row]);
    const what =
      typeof error.why === 'object'
        ? ` has no image, field '${content.label}' is the file ${item}, which cannot be read (${error.why.unreadable}); mend it`
        : `: ${error.reason},`;
    return new CoresetError(`${place}${what} or choose --on-bad-row skip or keep`);
  }
  return error;
}
