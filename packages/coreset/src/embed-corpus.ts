import { join } from 'node:path';
import { CoresetError, openNpyVectors, type RunOptions, requireFinite } from '@coreset/core';
import { type EmbedOptions, modelFile, modelSettings } from '@coreset/embedder';
import { type Corpus, corpusTexts } from './corpus.js';
import { embedToFile } from './embed-to-file.js';
import { hashFile, hashValue } from './hash.js';

/** The embedder's options that a result depends on. */
export type EmbedSettings = Pick<
  EmbedOptions,
  'model' | 'dtype' | 'device' | 'pooling' | 'normalise' | 'maxTokens' | 'batchSize'
>;

function modelFingerprint(settings: ReturnType<typeof modelSettings>): unknown {
  const { source, ...rest } = settings;
  if (source.kind === 'hub') return { hub: source.id, ...rest };
  const files = ['config.json', 'tokenizer.json', modelFile(settings.dtype)];
  return { files: files.map((name) => hashFile(join(source.folder, name))), ...rest };
}

/** Everything that a corpus's embeddings depend on. */
export function embeddingDependencies(
  { file, textField, badRows }: Corpus,
  options: EmbedSettings,
  sha256: string = hashFile(file.path),
): object {
  return {
    input: sha256,
    format: file.format,
    text: textField,
    badRows,
    model: modelFingerprint(modelSettings(options)),
  };
}

/**
 * Embed a corpus into a `.npy` file, going on where an earlier run with the same input and options stopped.
 * @throws CoresetError when no row has a text, or the model gives numbers that are not finite
 */
export async function embedCorpusToFile(
  path: string,
  corpus: Corpus,
  options: EmbedSettings & RunOptions,
  key: string = hashValue(embeddingDependencies(corpus, options)),
): Promise<void> {
  const total = corpus.rows - corpus.badRows.length;
  if (total === 0) throw new CoresetError(`${corpus.file.path}: no row has a text to embed`);
  await embedToFile(path, corpusTexts(corpus), total, key, options);
  requireFinite(openNpyVectors(path), 'the model');
}
