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
import { type EmbedOptions, type Modality, modelFiles, modelSettings } from '@coreset/embedder';
import { writeVectorColumn } from '@coreset/rows';
import { embedToFile } from './embed-to-file.js';
import { hashFile, hashValue } from './hash.js';
import { type Corpus, corpusHash, corpusItems, embeddedCount, embeddedRows } from './input/corpus.js';
import type { FileWatch } from './input/file-watch.js';
import { hasTokens, rowsWithTokens } from './readings.js';

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
 * @returns of texts what the model read of each embedded row, see {@link Reading}
 * @throws CoresetError when the model gives numbers that are not finite, or can read nothing of a text that has to be read
 */
export async function embedCorpusToFile(
  path: string,
  corpus: Corpus,
  options: EmbedSettings & RunOptions,
  key: string = hashValue(embeddingDependencies(corpus, options)),
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
  const rows = { items: corpusItems(corpus), total: embeddedCount(corpus), repeats };
  return embedToFile(path, rows, key, { ...options, modality: modalityOf(corpus) }, async (part, readings) => {
    if (corpus.onBadRow === 'fail' && readings) await requireTokens(corpus, readings);
    requireFinite(openNpyVectors(part), 'the model');
    watch.verify();
  });
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
 * Write the file again without the rows of whose text the model could read nothing.
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

async function requireTokens(corpus: Corpus, readings: Int32Array): Promise<void> {
  if (rowsWithTokens(readings).length === embeddedCount(corpus)) return;
  let row = 0;
  for await (const text of corpusItems(corpus)) {
    if (hasTokens(readings, row++)) continue;
    throw new CoresetError(
      `${corpus.file.place(embeddedRows(corpus)[row - 1])}: the model's tokenizer makes no token of ${JSON.stringify(text.slice(0, BEGINNING))}; use another model, or choose --on-bad-row skip or keep`,
    );
  }
}
