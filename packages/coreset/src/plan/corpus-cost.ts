import { type Cost, pickOptions } from '@coreset/core';
import {
  EMBED_OPTIONS,
  type EmbedOptions,
  embeddingCost,
  type ModelSettings,
  type ModelSize,
  modelSettings,
  modelSize,
} from '@coreset/embedder';
import { type Corpus, embeddedCount } from '../input/corpus.js';
import { modalityOf } from '../stages/embed-corpus.js';

/**
 * The cost of the embeddings of a corpus.
 * @param done rows whose vectors an earlier run left
 */
export function corpusCost(corpus: Corpus, options: EmbedOptions, done = 0): Cost {
  const { textLengths, isLatin, repeats } = corpus;
  const modality = modalityOf(corpus);
  const rows = embeddedCount(corpus);
  const items = modality === 'image' ? { images: rows - (repeats?.count ?? 0) } : { texts: textLengths, isLatin };
  const whole = embeddingCost({ rows, ...items, threads: options.threads }, modelOf(corpus, options));
  const share = (rows - done) / rows;
  return { ...whole, codes: whole.codes * share, parallel: whole.parallel * share, disk: whole.disk * share };
}

/** The size of the model that a corpus is embedded by. */
export function modelOf(corpus: Corpus, options: EmbedOptions): ModelSize {
  return modelSize({ ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(corpus) });
}

/** How a corpus is embedded. */
export function settingsOf(corpus: Corpus, options: EmbedOptions): ModelSettings {
  return modelSettings({ ...pickOptions(options, EMBED_OPTIONS), modality: modalityOf(corpus) });
}
