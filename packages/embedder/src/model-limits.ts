import { CoresetError } from '@coreset/core';
import { modelJson } from './model-json.js';
import type { OnnxOutline } from './onnx-file.js';

/** How many tokens of a text count where nobody says. */
export const DEFAULT_TOKENS = 256;

/** Models whose position ids begin behind that of the padding token, so that many of their positions are never used. */
const OFFSET_TYPES = new Set([
  'camembert',
  'data2vec-text',
  'esm',
  'ibert',
  'layoutlmv3',
  'lilt',
  'longformer',
  'luke',
  'mpnet',
  'roberta',
  'roberta-prelayernorm',
  'xlm-roberta',
  'xlm-roberta-xl',
  'xmod',
]);

/** Models that know tokens by their distance, so a text may have any length. */
const RELATIVE_TYPES = new Set(['bloom', 'longt5', 'mpt', 'mt5', 'switch_transformers', 't5', 'umt5', 'xlnet']);

type Config = Record<string, unknown>;

const POSITIONS = ['max_position_embeddings', 'n_positions', 'max_seq_len', 'n_ctx'];

/** The id of a text's first position. */
export function firstPosition({ model_type: type, pad_token_id: padding }: Config): number {
  return OFFSET_TYPES.has(String(type)) ? (typeof padding === 'number' ? padding : 1) + 1 : 0;
}

/** The most tokens that a model has positions for, special tokens included; undefined where there is no limit. */
export function positionsOf(config: Config): number | undefined {
  if (RELATIVE_TYPES.has(String(config.model_type)) || config.position_biased_input === false) return undefined;
  const positions = POSITIONS.map((key) => config[key]).find((value) => typeof value === 'number' && value > 0);
  return positions === undefined ? undefined : (positions as number) - firstPosition(config);
}

/** Weights with a row per position, by the names that exporters give them. */
const POSITION_TABLE = /(^|[./_])(position_embeddings?|embed_positions|wpe)[./_]weight(_quantized)?$/;

/** The most tokens, as far as config and weights tell. */
function mostTokens(config: Config, { inputs, weights }: OnnxOutline): number | undefined {
  const fixed = inputs.get('input_ids')?.[1];
  const tables = [...weights].filter(([name, dims]) => POSITION_TABLE.test(name) && dims.length === 2);
  const rows = tables.map(([, [count]]) => count - firstPosition(config));
  const known = [positionsOf(config), fixed, ...rows].filter((most) => most !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * How many tokens of a text count, special tokens included.
 * @param asked undefined for the default: 256, or fewer where tokenizer or model stop earlier
 * @param folder of the model
 * @param made what the model is made for, by sentence-transformers
 * @throws CoresetError when more are asked than the model has positions for
 */
export function tokenLimit(
  asked: number | undefined,
  folder: string,
  outline: OnnxOutline,
  made: number | undefined,
): { maxTokens: number; positions?: number } {
  const positions = mostTokens(modelJson(folder, 'config.json') ?? {}, outline);
  const most = positions ?? Number.POSITIVE_INFINITY;
  if (asked !== undefined && asked > most) {
    throw new CoresetError(
      `maxTokens ${asked} is above the ${most} positions of the model in ${folder}; use at most ${most}`,
    );
  }
  const { model_max_length: length } = modelJson(folder, 'tokenizer_config.json') ?? {};
  const tokenizers = typeof length === 'number' && length > 0 ? Math.floor(length) : DEFAULT_TOKENS;
  return { maxTokens: asked ?? Math.min(DEFAULT_TOKENS, made ?? tokenizers, most), positions };
}
