import { CoresetError, RUN_OPTIONS, type RunOptions, requireInteger, requireKnownOptions } from '@coreset/core';
import { CPU, requireDevice } from '@coreset/kernels';
import { CACHE_OPTIONS, type CacheOptions } from './cache/cache-options.js';
import { cachedModel, downloadModel } from './hub.js';
import { DEFAULT_TOKENS } from './model-limits.js';
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
import { readStaticFolder, type StaticFolder } from './static/static-folder.js';
import { readTextModel, type TextModel } from './text-model.js';

/** Options of the embedder. */
export interface EmbedOptions extends RunOptions, CacheOptions {
  /** What the items are: texts, or paths of image files. Default: `text`. */
  modality?: Modality;
  /**
   * A model folder, the name of a bundled model (`all-MiniLM-L6-v2`, `static`, `static-multilingual`), or a hub id
   * (`owner/name`, `owner/name@revision`). Default: all-MiniLM-L6-v2 for texts; for images a model must be named.
   */
  model?: string;
  /** Which weights of the model to load. Default: `q8` (int8). */
  dtype?: Dtype;
  /**
   * An execution provider of onnxruntime: `cpu` (default), or `webgpu`, `cuda`, `tensorrt`, `dml`, `coreml` where the machine
   * has it; those are tested by stand-ins alone.
   */
  device?: string;
  /**
   * How the vectors of tokens, of texts or of an image's patches, become one vector. Default: for texts as the model's
   * own files say (`1_Pooling/config.json` of sentence-transformers), else `mean`; for images `cls`. A model that gives
   * one vector per text leaves nothing to choose, and is refused with a pooling; one that gives one vector per image, as
   * CLIP does, is taken as it is.
   */
  pooling?: Pooling;
  /**
   * Scale each vector to Euclidean length 1. Default: as the model's files say (a `Normalize` at the end of the
   * `modules.json` of sentence-transformers, or none; `normalize` of a static model's own), else true.
   */
  normalise?: boolean;
  /**
   * What is set before each text, as `query: ` or `passage: ` for models of the E5 family. Default: the default prompt that
   * the model's files name (`config_sentence_transformers.json`), else nothing. Its tokens count for {@link maxTokens}.
   */
  prefix?: string;
  /**
   * Tokens that a model reads at once of a text, special tokens included; at most its positions. Default: 256, or what
   * model or tokenizer are made for where that is less; all of a text with a static model, which with this reads its first
   * tokens.
   */
  maxTokens?: number;
  /**
   * What counts of a text above {@link maxTokens}: its first tokens (`head`, the default), or all of it (`mean`), as the
   * mean of the vectors of its parts of so many tokens, each with the weight of its tokens.
   */
  long?: Long;
  /**
   * What becomes of a text that has no vector, since the tokenizer makes no token of it (as tokenizers that neither know
   * an unknown token nor add any do of an emoji) or since the model gives no numbers, or zeros alone, which have no
   * length to scale; or of an image that cannot be read: an error that names it (`fail`, the default), or zeros in place
   * of a vector (`zeros`).
   */
  onEmpty?: OnEmpty;
  /**
   * Texts per inference, padded to the longest. Default on `cpu`: only texts of the same number of tokens share an
   * inference, and only with a model that is marked batch-invariant, as the bundled one is; with any other
   * model each text runs alone. Both ways a row's vector depends on its text alone; with a larger number
   * and a stock int8 model it does not. Of images: images per inference. Default: 1. On other
   * devices, where vectors are rounded in other ways anyhow: 64 texts of any length, or 16 images. A batch that the device has
   * no memory for runs in halves.
   */
  batchSize?: number;
}

/** Every option of {@link EmbedOptions}. */
export const EMBED_OPTIONS: Readonly<Record<keyof EmbedOptions, true>> = {
  ...RUN_OPTIONS,
  ...CACHE_OPTIONS,
  modality: true,
  model: true,
  dtype: true,
  device: true,
  pooling: true,
  normalise: true,
  prefix: true,
  maxTokens: true,
  long: true,
  onEmpty: true,
  batchSize: true,
};

/** What counts of a long text. */
export type Long = 'head' | 'mean';

export const LONGS: Long[] = ['head', 'mean'];

/** What becomes of an item that has no vector. */
export type OnEmpty = 'fail' | 'zeros';

const ON_EMPTY: OnEmpty[] = ['fail', 'zeros'];

/** {@link EmbedOptions} with every default filled in. */
export interface ModelSettings {
  modality: Modality;
  source: ModelSource;
  dtype: Dtype;
  device: string;
  /** How tokens become one vector; several stand one behind the other. */
  poolings: Pooling[];
  normalise: boolean;
  maxTokens: number;
  /** The most that it can be; undefined where there is no limit, or for a model that is not here yet. */
  positions?: number;
  long: Long;
  /** Texts per inference at most. */
  batchSize: number;
  /** Batch only texts of the same length. */
  sameLength: boolean;
  /** How texts become vectors; undefined of images, of a static model, and of one that is not here yet. */
  text?: TextModel;
  /** How a static model makes vectors of texts; undefined of any other, and of one that is not here yet. */
  static?: StaticFolder;
}

/** What a worker is started with: the model is here. */
export interface WorkerSettings extends ModelSettings {
  source: LocalModel;
  /** In shared memory; 1 as soon as nobody waits for what is left of the running tasks. */
  stopped: Int32Array;
}

const SAME_LENGTH_BATCH = 32;
/** Of items per inference on a GPU; where its memory is too small for them, they become fewer. */
const DEVICE_BATCH: Record<Modality, number> = { text: 64, image: 16 };

/**
 * Check the options and fill in the defaults.
 * @throws CoresetError naming the option that is wrong
 */
export function modelSettings(options: EmbedOptions): ModelSettings {
  requireKnownOptions('modelSettings', options, EMBED_OPTIONS);
  const { modality = 'text', dtype = 'q8', maxTokens, long = 'head', batchSize, prefix, device = CPU } = options;
  if (!MODALITIES.includes(modality))
    throw new CoresetError(`modality '${modality}' is not known; use one of ${MODALITIES.join(', ')}`);
  if (maxTokens !== undefined) requireInteger('maxTokens', maxTokens, 1);
  if (!LONGS.includes(long)) throw new CoresetError(`long '${long}' is not known; use one of ${LONGS.join(', ')}`);
  if (batchSize !== undefined) requireInteger('batchSize', batchSize, 1);
  if (prefix !== undefined && typeof prefix !== 'string')
    throw new CoresetError(`prefix is ${typeof prefix}, not a text`);
  if (prefix !== undefined && modality === 'image')
    throw new CoresetError('prefix is set before texts, and these are images; leave it out');
  const { onEmpty = 'fail' } = options;
  if (!ON_EMPTY.includes(onEmpty))
    throw new CoresetError(`onEmpty '${onEmpty}' is not known; use one of ${ON_EMPTY.join(', ')}`);
  if (options.pooling !== undefined && !POOLINGS.includes(options.pooling)) {
    throw new CoresetError(`pooling '${options.pooling}' is not known; use one of ${POOLINGS.join(', ')}`);
  }
  if (modality === 'image' && options.model === undefined) {
    throw new CoresetError(
      'images need a model, and none is bundled: name a folder or a hub id with --model, such as Xenova/dinov2-small',
    );
  }
  const found = findModel(options.model ?? BUNDLED_MODEL, dtype, modality);
  const source = (found.kind === 'hub' && cachedModel(found, { dtype, modality })) || found;
  const ofStatic = modality === 'text' && source.kind === 'local' ? readStaticFolder(source.folder) : undefined;
  if (ofStatic) return staticSettings(options, source, ofStatic);
  const read =
    modality === 'text' && source.kind === 'local'
      ? readTextModel(source.folder, { dtype, pooling: options.pooling, maxTokens, prefix })
      : undefined;
  const text = read?.text;
  const isOnCpu = device === CPU;
  const own = modality === 'text' && isBatchInvariant(source) ? SAME_LENGTH_BATCH : 1;
  const most = batchSize ?? (isOnCpu ? own : DEVICE_BATCH[modality]);
  return {
    modality,
    source,
    dtype,
    device,
    poolings: read?.poolings ?? [options.pooling ?? (modality === 'image' ? 'cls' : 'mean')],
    normalise: options.normalise ?? read?.normalise ?? true,
    ...(read?.limit ?? { maxTokens: maxTokens ?? DEFAULT_TOKENS }),
    long,
    batchSize: Math.min(most, text?.batch ?? most),
    // Padding that the model cannot tell from text must not be there.
    sameLength: (batchSize === undefined && isOnCpu) || text?.hidesPadding === false,
    text,
  };
}

/** Options that choose how a transformer runs. */
const OF_TRANSFORMERS = ['dtype', 'device', 'pooling', 'long', 'batchSize'] as const;

function staticSettings(options: EmbedOptions, source: ModelSource, model: StaticFolder): ModelSettings {
  const given = OF_TRANSFORMERS.find((name) => options[name] !== undefined);
  if (given !== undefined)
    throw new CoresetError(
      `${given} '${options[given]}' would have no effect: ${options.model} is a static model, whose vector of a text is the mean of those of its tokens; leave the option out`,
    );
  return {
    modality: 'text',
    source,
    dtype: 'fp32',
    device: 'cpu',
    poolings: ['mean'],
    normalise: options.normalise ?? model.normalise,
    maxTokens: options.maxTokens ?? Number.POSITIVE_INFINITY,
    long: 'head',
    batchSize: 1,
    sameLength: true,
    static: { ...model, prompt: options.prefix ?? model.prompt },
  };
}

/** {@link ModelSettings} of a model that is here. */
export type LocalSettings = ModelSettings & { source: LocalModel };

/**
 * The settings with a model that is here: one of the hub is downloaded where it is not yet.
 * @throws CoresetError when an option is wrong for the model, or it cannot be downloaded
 */
export async function localSettings(options: EmbedOptions): Promise<LocalSettings> {
  requireKnownOptions('localSettings', options, EMBED_OPTIONS);
  const settings = modelSettings(options);
  const { source } = settings;
  if (source.kind === 'local') return { ...settings, source };
  const folder = await downloadModel(source, settings);
  return { ...modelSettings({ ...options, model: folder }), source: { kind: 'local', folder } };
}

/**
 * The settings for a worker.
 * @throws CoresetError as {@link localSettings}
 */
export async function workerSettings(options: EmbedOptions): Promise<WorkerSettings> {
  // A device that the model has no use for needs no advice.
  modelSettings(options);
  await requireDevice(options.device ?? CPU);
  const stopped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return { ...(await localSettings(options)), stopped };
}
