import { join } from 'node:path';
import { CoresetError, openNpyVectors, type RunOptions, requireFinite } from '@coreset/core';
import { type EmbedOptions, modelFiles, modelSettings } from '@coreset/embedder';
import { type Corpus, corpusHash, corpusItems, embeddedCount } from './corpus.js';
import { embedToFile } from './embed-to-file.js';
import { hashFile, hashValue } from './hash.js';

/** The embedder's options that a result depends on. */
export type EmbedSettings = Pick<
  EmbedOptions,
  'model' | 'dtype' | 'device' | 'pooling' | 'normalise' | 'maxTokens' | 'long' | 'batchSize'
>;

function modelFingerprint(settings: ReturnType<typeof modelSettings>): unknown {
  const { source, ...rest } = settings;
  if (source.kind === 'hub') return { hub: source.id, ...rest };
  const files = modelFiles(source.folder, settings.dtype, settings.modality);
  return { files: files.map((name) => [name, hashFile(join(source.folder, name))]), ...rest };
}

/** Everything that a corpus's embeddings depend on. */
export function embeddingDependencies(
  corpus: Corpus,
  options: EmbedSettings,
  sha256: string = corpusHash(corpus),
): object {
  const { file, modality, field, images, badRows } = corpus;
  return {
    input: sha256,
    format: file.format,
    field,
    images,
    badRows,
    model: modelFingerprint(modelSettings({ ...options, modality })),
  };
}

/**
 * Embed a corpus into a `.npy` file, going on where an earlier run with the same input and options stopped.
 * @throws CoresetError when no row has anything to embed, or the model gives numbers that are not finite
 */
export async function embedCorpusToFile(
  path: string,
  corpus: Corpus,
  options: EmbedSettings & RunOptions,
  key: string = hashValue(embeddingDependencies(corpus, options)),
): Promise<void> {
  const total = embeddedCount(corpus);
  if (total === 0)
    throw new CoresetError(
      `${corpus.file.path}: no row has ${corpus.modality === 'text' ? 'a text' : 'an image'} to embed`,
    );
  const { modality, repeats } = corpus;
  await embedToFile(path, { items: corpusItems(corpus), total, repeats }, key, { ...options, modality });
  requireFinite(openNpyVectors(path), 'the model');
}
