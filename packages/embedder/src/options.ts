import { CoresetError, RUN_OPTIONS, type RunOptions, requireInteger, requireKnownOptions } from '@coreset/core';
import { downloadModel } from './hub.js';
import { DEFAULT_TOKENS, tokenLimit } from './model-limits.js';
import {
  BUNDLED_MODEL,
  type Dtype,
  findModel,
  isBatchInvariant,
  type LocalModel,
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
  /**
   * Tokens that a model reads at once of a text, special tokens included; at most its positions. Default: 256, or what
   * the tokenizer is made for where that is less.
   */
  maxTokens?: number;
  /**
   * What counts of a text above {@link maxTokens}: its first tokens (`head`, the default), or all of it (`mean`), as the
   * mean of the vectors of its parts of so many tokens, each with the weight of its tokens.
   */
  long?: Long;
  /**
   * What becomes of a text of which the tokenizer makes no token, as tokenizers that neither know an unknown token nor
   * add any do of an emoji, or of an image that cannot be read: an error that names it (`fail`, the default), or zeros in
   * place of a vector (`zeros`).
   */
  onEmpty?: OnEmpty;
  /**
   * Texts per inference, padded to the longest. Default: only texts of the same number of tokens share an
   * inference, and only with a model that is marked batch-invariant, as the bundled one is; with any other
   * model each text runs alone. Both ways a row's vector depends on its text alone; with a larger number
   * and a stock int8 model it does not. Of images: images per inference. Default: 1.
   */
  batchSize?: number;
}

/** Every option of {@link EmbedOptions}. */
export const EMBED_OPTIONS: Readonly<Record<keyof EmbedOptions, true>> = {
  ...RUN_OPTIONS,
  modality: true,
  model: true,
  dtype: true,
  device: true,
  pooling: true,
  normalise: true,
  maxTokens: true,
  long: true,
  onEmpty: true,
  batchSize: true,
};

/** What counts of a long text. */
export type Long = 'head' | 'mean';

export const LONGS: Long[] = ['head', 'mean'];

/** What becomes of a text that has no token, or an image that cannot be read. */
export type OnEmpty = 'fail' | 'zeros';

const ON_EMPTY: OnEmpty[] = ['fail', 'zeros'];

/** {@link EmbedOptions} with every default filled in. */
export interface ModelSettings {
  modality: Modality;
  source: ModelSource;
  dtype: Dtype;
  device: string;
  pooling: Pooling;
  normalise: boolean;
  maxTokens: number;
  /** The most that it can be; undefined where there is no limit, or for a model that is not here yet. */
  positions?: number;
  long: Long;
  /** Texts per inference at most. */
  batchSize: number;
  /** Batch only texts of the same length. */
  sameLength: boolean;
}

/** What a worker is started with: the model is here. */
export interface WorkerSettings extends ModelSettings {
  source: LocalModel;
  /** In shared memory; 1 as soon as nobody waits for what is left of the running tasks. */
  stopped: Int32Array;
}

const SAME_LENGTH_BATCH = 32;

/**
 * Check the options and fill in the defaults.
 * @throws CoresetError naming the option that is wrong
 */
export function modelSettings(options: EmbedOptions): ModelSettings {
  requireKnownOptions('modelSettings', options, EMBED_OPTIONS);
  const { modality = 'text', dtype = 'q8', maxTokens, long = 'head', batchSize } = options;
  const { pooling = modality === 'image' ? 'cls' : 'mean' } = options;
  if (!MODALITIES.includes(modality))
    throw new CoresetError(`modality '${modality}' is not known; use one of ${MODALITIES.join(', ')}`);
  if (maxTokens !== undefined) requireInteger('maxTokens', maxTokens, 1);
  if (!LONGS.includes(long)) throw new CoresetError(`long '${long}' is not known; use one of ${LONGS.join(', ')}`);
  if (batchSize !== undefined) requireInteger('batchSize', batchSize, 1);
  const { onEmpty = 'fail' } = options;
  if (!ON_EMPTY.includes(onEmpty))
    throw new CoresetError(`onEmpty '${onEmpty}' is not known; use one of ${ON_EMPTY.join(', ')}`);
  if (!POOLINGS.includes(pooling)) {
    throw new CoresetError(`pooling '${pooling}' is not known; use one of ${POOLINGS.join(', ')}`);
  }
  if (modality === 'image' && options.model === undefined) {
    throw new CoresetError(
      'images need a model, and none is bundled: name a folder or a hub id with --model, such as Xenova/dinov2-small',
    );
  }
  const source = findModel(options.model ?? BUNDLED_MODEL, dtype, modality);
  const limit =
    modality === 'text' && source.kind === 'local'
      ? tokenLimit(maxTokens, source.folder)
      : { maxTokens: maxTokens ?? DEFAULT_TOKENS };
  return {
    modality,
    source,
    dtype,
    device: options.device ?? 'cpu',
    pooling,
    normalise: options.normalise ?? true,
    ...limit,
    long,
    batchSize: batchSize ?? (modality === 'text' && isBatchInvariant(source) ? SAME_LENGTH_BATCH : 1),
    sameLength: batchSize === undefined,
  };
}

/**
 * The settings for a worker; a model of the hub is downloaded where it is not here yet.
 * @throws CoresetError when an option is wrong for the model, or it cannot be downloaded
 */
export async function workerSettings(options: EmbedOptions): Promise<WorkerSettings> {
  const settings = modelSettings(options);
  const { source } = settings;
  const stopped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  if (source.kind === 'local') return { ...settings, source, stopped };
  const folder = await downloadModel(source.id, settings);
  return { ...modelSettings({ ...options, model: folder }), source: { kind: 'local', folder }, stopped };
}
