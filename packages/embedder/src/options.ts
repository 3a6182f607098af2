import { CoresetError, type RunOptions, requireInteger } from '@coreset/core';
import { BUNDLED_MODEL, type Dtype, findModel, type ModelSource } from './model-source.js';
import { POOLINGS, type Pooling } from './pooling.js';

/** Options of the embedder. */
export interface EmbedOptions extends RunOptions {
  /** A model folder, the name of a bundled model, or a hub id (`owner/name`). Default: the bundled all-MiniLM-L6-v2. */
  model?: string;
  /** Which weights of the model to load. Default: `q8` (int8). */
  dtype?: Dtype;
  /** An execution provider of onnxruntime: `cpu` (default), `cuda`, `dml`, `coreml`, …; only `cpu` is tested. */
  device?: string;
  /** How token vectors become one vector. Default: `mean`. */
  pooling?: Pooling;
  /** Scale each vector to Euclidean length 1. Default: true. */
  normalise?: boolean;
  /** Tokens kept per text, special tokens included. Default: 256. */
  maxTokens?: number;
  /**
   * Texts per inference. Default: 1, the fastest on a CPU (no padding) and the only setting at which a
   * row's vector cannot depend on its companions, whatever the model.
   */
  batchSize?: number;
}

/** {@link EmbedOptions} with every default filled in; what a worker is started with. */
export interface ModelSettings {
  source: ModelSource;
  dtype: Dtype;
  device: string;
  pooling: Pooling;
  normalise: boolean;
  maxTokens: number;
  batchSize: number;
}

/**
 * Check the options and fill in the defaults.
 * @throws CoresetError naming the option that is wrong
 */
export function modelSettings(options: EmbedOptions): ModelSettings {
  const { dtype = 'q8', pooling = 'mean', maxTokens = 256, batchSize = 1 } = options;
  requireInteger('maxTokens', maxTokens, 2);
  requireInteger('batchSize', batchSize, 1);
  if (!POOLINGS.includes(pooling)) {
    throw new CoresetError(`pooling '${pooling}' is not known; use one of ${POOLINGS.join(', ')}`);
  }
  return {
    source: findModel(options.model ?? BUNDLED_MODEL, dtype),
    dtype,
    device: options.device ?? 'cpu',
    pooling,
    normalise: options.normalise ?? true,
    maxTokens,
    batchSize,
  };
}
