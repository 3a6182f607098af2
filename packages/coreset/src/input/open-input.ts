import { CoresetError, pickOptions, type RunOptions, type Vectors } from '@coreset/core';
import { type CacheOptions, EMBED_OPTIONS, modelSettings } from '@coreset/embedder';
import { CPU, requireDevice } from '@coreset/kernels';
import { OPEN_OPTIONS, openRowsInTurns, type RowFile } from '@coreset/rows';
import type { EmbedSettings } from '../stages/embed-corpus.js';
import { type Corpus, embeddedCount, openCorpus } from './corpus.js';
import type { CorpusOptions } from './corpus-options.js';
import { FileWatch } from './file-watch.js';
import { isVectorFile, openEmbeddings } from './vectors.js';

/** Rows to embed: texts, images, or vectors in a column. */
export interface CorpusInput {
  kind: 'corpus';
  file: RowFile;
  watch: FileWatch;
  rows: number;
  /** Rows that become vectors. */
  vectorCount: number;
  corpus: Corpus;
}

/** Vectors that are in a file already: the input itself, or one beside rows. */
export interface VectorInput {
  kind: 'vectors';
  file: RowFile;
  watch: FileWatch;
  rows: number;
  vectorCount: number;
  vectors: Vectors;
  vectorsPath: string;
  /** The rows beside them. */
  corpus?: Corpus;
}

/** An input that was opened and found in order. */
export type RunInput = CorpusInput | VectorInput;

/** By what rows are compared. */
export function contentOf(input: RunInput): 'text' | 'image' | 'vector' {
  if (input.kind === 'vectors') return 'vector';
  const { modality } = input.corpus.content;
  return modality === 'none' ? 'vector' : modality;
}

const TO_EMBED = { text: 'a text to embed', image: 'an image to embed', vector: 'a vector', none: 'a vector' };

/** Options of which fields are used, which vectors do not have. */
const OF_FIELDS = ['text', 'template', 'turns', 'image', 'vector', 'id'] as const;

/** Options of the command line for what embeds, which vectors that are there do not need. */
const OF_MODELS = {
  model: '--model',
  dtype: '--dtype',
  device: '--device',
  pooling: '--pooling',
  normalise: '--normalise',
  prefix: '--prefix',
  maxTokens: '--max-tokens',
  long: '--long',
  batchSize: '--batch-size',
  cache: '--cache',
  cacheSize: '--cache-size',
} as const;

/** @throws CoresetError when an option is given that would be ignored */
function requireMeant(file: RowFile, options: CorpusOptions & EmbedSettings & CacheOptions): void {
  const refuse = (option: keyof (CorpusOptions & EmbedSettings & CacheOptions), flag: string, what: string): void => {
    if (options[option] !== undefined)
      throw new CoresetError(`${file.path}: ${flag} means nothing to ${what}; leave it out`);
  };
  const { embeddings, vector, image, onBadRow } = options;
  const isVectors = isVectorFile(file);
  if (isVectors) for (const option of OF_FIELDS) refuse(option, `--${option}`, `${file.format} rows`);
  else if (embeddings === undefined) refuse('member', '--member', `${file.format} rows without --embeddings`);
  if (isVectors || embeddings !== undefined || vector !== undefined)
    for (const [option, flag] of Object.entries(OF_MODELS))
      refuse(option as keyof typeof OF_MODELS, flag, 'vectors of your own');
  if (onBadRow !== undefined && (isVectors || embeddings !== undefined))
    refuse('onBadRow', '--on-bad-row', 'vectors in a file, which has one for each row');
  if (image === undefined && file.format !== 'folder') refuse('imageFolder', '--image-folder', 'rows without --image');
}

/**
 * @param paths files, folders and patterns of this machine
 * @throws CoresetError when anything is wrong with the input
 */
export async function openInput(
  paths: string[],
  options: CorpusOptions & EmbedSettings & CacheOptions & RunOptions,
): Promise<RunInput> {
  const { embeddings, member, onBadRow = 'fail' } = options;
  const broken: string[] = [];
  let isFirstPass = true;
  const onBrokenRow = (problem: string): void => {
    if (isFirstPass) broken.push(problem);
  };
  const file = await openRowsInTurns(
    paths,
    { ...pickOptions(options, OPEN_OPTIONS), onBrokenRow: onBadRow === 'fail' ? undefined : onBrokenRow },
    options.signal,
  );
  requireMeant(file, options);
  // What the model refuses comes first: advice on a device that it has no use for helps nobody.
  const isOfTexts = options.image === undefined && file.format !== 'folder';
  if (options.device !== undefined && isOfTexts) modelSettings(pickOptions(options, EMBED_OPTIONS));
  await requireDevice(options.device ?? CPU);
  if (isVectorFile(file)) {
    if (embeddings !== undefined)
      throw new CoresetError(`${file.path} holds vectors itself; --embeddings belongs to a file of rows`);
    const watch = new FileWatch([file.path]);
    const vectors = await openEmbeddings(file.path, member, options.signal);
    return {
      kind: 'vectors',
      file,
      watch,
      rows: vectors.rows,
      vectorCount: vectors.rows,
      vectors,
      vectorsPath: file.path,
    };
  }
  const corpus = await openCorpus(file, options, options, broken);
  isFirstPass = false;
  const { rows, watch } = corpus;
  if (embeddings === undefined) {
    const vectorCount = embeddedCount(corpus);
    if (vectorCount === 0) throw new CoresetError(`${file.path}: no row has ${TO_EMBED[corpus.content.modality]}`);
    return { kind: 'corpus', file, watch, rows, vectorCount, corpus };
  }
  watch.add([embeddings]);
  const vectors = await openEmbeddings(embeddings, member, options.signal);
  if (vectors.rows !== rows)
    throw new CoresetError(
      `${embeddings} has ${vectors.rows} vectors for the ${rows} rows of ${file.path}; one per row is needed`,
    );
  return { kind: 'vectors', file, watch, rows, vectorCount: rows, vectors, vectorsPath: embeddings, corpus };
}
