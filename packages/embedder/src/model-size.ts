import { statSync } from 'node:fs';
import { join } from 'node:path';
import { requireKnownOptions } from '@coreset/core';
import { colsBehind } from './layers/load-layers.js';
import { modelJson } from './model-json.js';
import { isBundled, isOfCodes, weightsFile } from './model-source.js';
import { EMBED_OPTIONS, type EmbedOptions, type Long, modelSettings } from './options.js';
import { tableOutline } from './static/token-table.js';

/** What the time of a model depends on. */
export interface ModelSize {
  /** Numbers of a vector. */
  cols: number;
  /** Numbers of a token. */
  width: number;
  /** Characters that are set before each text. */
  prefixed: number;
  /** Bytes of the weights. */
  bytes: number;
  /** Bytes of the tokenizer of a static model; 0 of others, where it takes little beside the rest. */
  tokenizerBytes: number;
  layers: number;
  /** Multiplications per token of all weights. */
  products: number;
  /** They are of one-byte codes. */
  isCodes: boolean;
  /** Tokens that it reads at once, those that are added to each text included. */
  maxTokens: number;
  /** What counts of a longer text. */
  long: Long;
  /** Texts or images share no inference. */
  isAlone: boolean;
  /** Tokens that an image becomes. */
  imageTokens: number;
  /** A text's vector is the mean of those of its tokens, read from a table. */
  isStatic: boolean;
  /** It is the bundled transformer, which reads other letters than Latin nearly one by one. */
  isOfEnglish: boolean;
}

/** The size of a hub model is not known before it is here: that of the bundled one stands in. */
const UNKNOWN = { cols: 384, width: 384, bytes: 23e6, layers: 6, products: 10.6e6, imageTokens: 197 };

type Config = Record<string, unknown>;

function numberOf(config: Config, ...names: string[]): number | undefined {
  return names.map((name) => config[name]).find((value): value is number => typeof value === 'number' && value > 0);
}

/** Patches of an image, and one more. */
function imageTokensOf(config: Config): number {
  const [image, patch] = [numberOf(config, 'image_size'), numberOf(config, 'patch_size')];
  return image && patch ? Math.floor(image / patch) ** 2 + 1 : UNKNOWN.imageTokens;
}

/**
 * The size of the model that these options choose; nothing is loaded.
 * @throws CoresetError when an option is wrong
 */
export function modelSize(options: EmbedOptions): ModelSize {
  requireKnownOptions('modelSize', options, EMBED_OPTIONS);
  const settings = modelSettings(options);
  const { source, dtype, modality, maxTokens, long, batchSize, text, poolings } = settings;
  const prefixed = (text?.pipeline.prompt ?? settings.static?.prompt ?? options.prefix ?? '').length;
  const read = {
    isStatic: false,
    isCodes: isOfCodes(dtype),
    maxTokens,
    long,
    prefixed,
    isAlone: batchSize === 1,
    tokenizerBytes: 0,
    isOfEnglish: source.kind === 'local' && isBundled(source) && settings.static === undefined,
  };
  if (source.kind === 'hub') return { ...UNKNOWN, ...read };
  if (settings.static) {
    const { cols, bytes } = tableOutline(source.folder, settings.static);
    const { size: tokenizerBytes } = statSync(join(source.folder, settings.static.path, 'tokenizer.json'));
    return { ...UNKNOWN, ...read, cols, bytes, tokenizerBytes, isStatic: true };
  }
  const whole = modelJson(source.folder, 'config.json') ?? {};
  const config = (modality === 'image' ? ((whole.vision_config as Config | undefined) ?? whole) : whole) as Config;
  const { size: bytes } = statSync(join(source.folder, weightsFile(source.folder, dtype, modality)));
  const width = numberOf(config, 'hidden_size', 'd_model', 'dim') ?? UNKNOWN.width;
  const layers = numberOf(config, 'num_hidden_layers', 'num_layers', 'n_layers') ?? UNKNOWN.layers;
  const inner = numberOf(config, 'intermediate_size', 'd_ff', 'hidden_dim') ?? 4 * width;
  const products = layers * (4 * width ** 2 + 2 * width * inner);
  const cols = colsBehind(text?.layers ?? [], text ? width * poolings.length : width);
  return { ...read, cols, width, bytes, layers, products, imageTokens: imageTokensOf(config) };
}
