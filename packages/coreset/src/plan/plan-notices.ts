import { formatSeconds, type RunOptions } from '@coreset/core';
import type { EmbedOptions } from '@coreset/embedder';
import { CPU } from '@coreset/kernels';
import type { Corpus } from '../input/corpus.js';
import { corpusCost, modelOf } from './corpus-cost.js';
import { stagePlan } from './stage-plan.js';

/** Embedding that takes so many seconds or less is not worth another model. */
const PATIENCE = 600;
/** Static models that are bundled: for English, and for texts in other letters. */
const FASTER = { latin: 'static', other: 'static-multilingual' };

/**
 * What people should know before a corpus is embedded for long: a line each, none of what takes ten minutes or less.
 * @param seconds that embedding is expected to take
 * @param done rows whose vectors are there
 */
export async function embeddingNotices(
  corpus: Corpus,
  options: EmbedOptions & RunOptions,
  seconds: number,
  done = 0,
): Promise<string[]> {
  const { device = CPU, threads } = options;
  if (seconds <= PATIENCE || corpus.content.modality !== 'text') return [];
  if (device !== CPU)
    return [`the time of embedding is that of the processor; how much less ${device} takes is not known (docs/gpu.md)`];
  if (modelOf(corpus, options).isStatic) return [];
  const model = FASTER[corpus.isLatin ? 'latin' : 'other'];
  const faster = await stagePlan('embed', corpusCost(corpus, { model, threads }, done), options);
  return [
    `embedding takes about ${formatSeconds(seconds)}, and with --model ${model} about ${formatSeconds(faster.seconds)}: it knows words without their order and context (docs/models.md says what that costs)`,
  ];
}
