import { CoresetError } from '@coreset/core';
import { modelJson } from './model-source.js';

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

/**
 * How many tokens of a text count, special tokens included.
 * @param asked undefined for the default: 256, or fewer where tokenizer or model stop earlier
 * @param folder of the model
 * @throws CoresetError when more are asked than the model has positions for
 */
export function tokenLimit(asked: number | undefined, folder: string): { maxTokens: number; positions?: number } {
  const positions = positionsOf(modelJson(folder, 'config.json') ?? {});
  const most = positions ?? Number.POSITIVE_INFINITY;
  if (asked !== undefined && asked > most) {
    throw new CoresetError(
      `maxTokens ${asked} is above the ${most} positions of the model in ${folder}; use at most ${most}`,
    );
  }
  const { model_max_length: length } = modelJson(folder, 'tokenizer_config.json') ?? {};
  const tokenizers = typeof length === 'number' && length > 0 ? Math.floor(length) : DEFAULT_TOKENS;
  return { maxTokens: asked ?? Math.min(DEFAULT_TOKENS, tokenizers, most), positions };
}
