import { join } from 'node:path';
import {
  CoresetError,
  forEachBlock,
  npyHeader,
  openNpyVectors,
  pickOptions,
  type RunOptions,
  requireFinite,
  subsetOf,
  writeAtomic,
} from '@coreset/core';
import {
  EMBED_OPTIONS,
  type EmbedOptions,
  imageNotices,
  type Modality,
  modelFiles,
  modelSettings,
  readingNotices,
  UnreadableImage,
} from '@coreset/embedder';
import { writeVectorColumn } from '@coreset/rows';
import { embedToFile } from './embed-to-file.js';
import { hashFile, hashValue } from './hash.js';
import { type Corpus, corpusHash, corpusItems, embeddedCount, embeddedRows } from './input/corpus.js';
import { hasTokens, isCut, rowsWithTokens, summaryOf } from './readings.js';

/** The embedder's options that a result depends on. */
export type EmbedSettings = Pick<
  EmbedOptions,
  'model' | 'dtype' | 'device' | 'pooling' | 'normalise' | 'maxTokens' | 'long' | 'batchSize'
>;

/** Every option of {@link EmbedSettings}. */
export const EMBED_SETTINGS: Readonly<Record<keyof EmbedSettings, true>> = {
  model: true,
  dtype: true,
  device: true,
  pooling: true,
  normalise: true,
  maxTokens: true,
  long: true,
  batchSize: true,
};

function modelFingerprint(settings: ReturnType<typeof modelSettings>): unknown {
  const { source, ...rest } = settings;
  if (source.kind === 'hub') return { hub: source.id, ...rest };
  const files = modelFiles(source.folder, settings.dtype, settings.modality);
  return { files: files.map((name) => [name, hashFile(join(source.folder, name))]), ...rest };
}

/** What is embedded of a corpus, which is not one of vectors. */
export function modalityOf({ content }: Corpus): Modality {
  return content.modality === 'image' ? 'image' : 'text';
}

/** Everything that a corpus's vectors depend on. */
export function embeddingDependencies(
  corpus: Corpus,
  options: EmbedSettings,
  sha256: string = corpusHash(corpus),
): object {
  const { file, opened, content, images, badRows } = corpus;
  const { modality, label, columns, source } = content;
  const input = { input: sha256, format: file.format, opened, modality, label, columns, source, images, badRows };
  if (modality === 'vector') return input;
  return {
    ...input,
    model: modelFingerprint(modelSettings({ ...pickOptions(options, EMBED_SETTINGS), modality: modalityOf(corpus) })),
  };
}

/**
 * Put the vectors of a corpus into a `.npy` file: embedded, going on where an earlier run with the same input and options
 * stopped, or out of a column.
 * @returns what the model read of each embedded row, see {@link Reading}; undefined of a column
 * @throws CoresetError when the model gives numbers that are not finite, or a text or image that has to be read cannot be
 */
export async function embedCorpusToFile(
  path: string,
  corpus: Corpus,
  options: EmbedSettings & RunOptions,
  key: string = hashValue(embeddingDependencies(corpus, options)),
): Promise<Int32Array | undefined> {
  const { file, content, repeats, badRows } = corpus;
  if (content.vectorPath !== undefined) {
    // Bad rows are known already, and where they are not wanted there are none.
    await writeVectorColumn(
      file.batches(content.columns),
      content.vectorPath,
      path,
      badRows.length > 0 ? () => {} : undefined,
    );
    return undefined;
  }
  const rows = { items: corpusItems(corpus), total: embeddedCount(corpus), repeats };
  const modality = modalityOf(corpus);
  // An image that cannot be read is found soon enough to be mended; of texts all that have no token are.
  const onEmpty = corpus.onBadRow === 'fail' && modality === 'image' ? 'fail' : 'zeros';
  try {
    return await embedToFile(path, rows, key, { ...options, modality, onEmpty }, async (part, readings) => {
      await requireRead(corpus, readings);
      requireFinite(openNpyVectors(part), 'the model');
    });
  } catch (error) {
    throw error instanceof UnreadableImage ? await unreadableRow(corpus, error.path, error.reason) : error;
  }
}

async function unreadableRow(corpus: Corpus, path: string, reason?: string): Promise<CoresetError> {
  let row = 0;
  for await (const item of corpusItems(corpus)) {
    if (item === path) break;
    row++;
  }
  const why = reason === undefined ? '' : ` (${reason})`;
  return new CoresetError(
    `${corpus.file.place(embeddedRows(corpus)[row])} has no image, field '${corpus.content.label}' is the file ${path}, which cannot be read${why}; mend it or choose --on-bad-row skip or keep`,
  );
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
 * Write the file again without the rows of which the model could read nothing.
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
const BEGINNING = 40;

/** @throws CoresetError where bad rows end a run, and the model could read nothing of one */
export async function requireRead(corpus: Corpus, readings: Int32Array): Promise<void> {
  if (corpus.onBadRow !== 'fail' || rowsWithTokens(readings).length === embeddedCount(corpus)) return;
  let row = 0;
  for await (const item of corpusItems(corpus)) {
    if (hasTokens(readings, row++)) continue;
    if (modalityOf(corpus) === 'image') throw await unreadableRow(corpus, item);
    throw new CoresetError(
      `${corpus.file.place(embeddedRows(corpus)[row - 1])}: the model's tokenizer makes no token of ${JSON.stringify(item.slice(0, BEGINNING))}; use another model, or choose --on-bad-row skip or keep`,
    );
  }
}
