import { CoresetError, type RunOptions, requireInteger } from '@coreset/core';
import {
  BUNDLED_MODEL,
  type Dtype,
  findModel,
  isBatchInvariant,
  MODALITIES,
  type Modality,
  type ModelSource,
} from './model-source.js';
import { POOLINGS, type Pooling } from './pooling.js';

/** Options of the embedder. */
export interface EmbedOptions extends RunOptions {
  /** What the items are: texts, or paths of image files. Default: `text`. */
  modality?: Modality;
  /**
   * A model folder, the name of a bundled model, or a hub id (`owner/name`). Default: the bundled all-MiniLM-L6-v2 for
   * texts; for images a model must be named.
   */
  model?: string;
  /** Which weights of the model to load. Default: `q8` (int8). */
  dtype?: Dtype;
  /** An execution provider of onnxruntime: `cpu` (default), `cuda`, `dml`, `coreml`, …; only `cpu` is tested. */
  device?: string;
  /**
   * How the vectors of tokens, of texts or of an image's patches, become one vector. Default: `mean` for texts, `cls` for
   * images. A model that gives one vector per image, as CLIP does, leaves nothing to choose.
   */
  pooling?: Pooling;
  /** Scale each vector to Euclidean length 1. Default: true. */
  normalise?: boolean;
  /** Tokens kept per text, special tokens included. Default: 256. */
  maxTokens?: number;
  /**
   * Texts per inference, padded to the longest. Default: only texts of the same number of tokens share an
   * inference, and only with a model that is marked batch-invariant, as the bundled one is; with any other
   * model each text runs alone. Both ways a row's vector depends on its text alone; with a larger number
   * and a stock int8 model it does not. Of images: images per inference. Default: 1.
   */
  batchSize?: number;
}

/** {@link EmbedOptions} with every default filled in; what a worker is started with. */
export interface ModelSettings {
  modality: Modality;
  source: ModelSource;
  dtype: Dtype;
  device: string;
  pooling: Pooling;
  normalise: boolean;
  maxTokens: number;
  /** Texts per inference at most. */
  batchSize: number;
  /** Batch only texts of the same length. */
  sameLength: boolean;
}

const SAME_LENGTH_BATCH = 32;

/**
 * Check the options and fill in the defaults.
 * @throws CoresetError naming the option that is wrong
 */
export function modelSettings(options: EmbedOptions): ModelSettings {
  const { modality = 'text', dtype = 'q8', maxTokens = 256, batchSize } = options;
  const { pooling = modality === 'image' ? 'cls' : 'mean' } = options;
  if (!MODALITIES.includes(modality))
    throw new CoresetError(`modality '${modality}' is not known; use one of ${MODALITIES.join(', ')}`);
  requireInteger('maxTokens', maxTokens, 2);
  if (batchSize !== undefined) requireInteger('batchSize', batchSize, 1);
  if (!POOLINGS.includes(pooling)) {
    throw new CoresetError(`pooling '${pooling}' is not known; use one of ${POOLINGS.join(', ')}`);
  }
  if (modality === 'image' && options.model === undefined) {
    throw new CoresetError(
      'images need a model, and none is bundled: name a folder or a hub id with --model, such as Xenova/dinov2-small',
    );
  }
  const source = findModel(options.model ?? BUNDLED_MODEL, dtype, modality);
  return {
    modality,
    source,
    dtype,
    device: options.device ?? 'cpu',
    pooling,
    normalise: options.normalise ?? true,
    maxTokens,
    batchSize: batchSize ?? (modality === 'text' && isBatchInvariant(source) ? SAME_LENGTH_BATCH : 1),
    sameLength: batchSize === undefined,
  };
}
