import { formatSeconds, type RunOptions } from '@coreset/core';
import type { EmbedOptions } from '@coreset/embedder';
import { CPU } from '@coreset/kernels';
import { type Corpus, corpusItems } from '../input/corpus.js';
import { corpusCost, modelOf } from './corpus-cost.js';
import { stagePlan } from './stage-plan.js';

/** Embedding that takes so many seconds or less is not worth another model. */
const PATIENCE = 600;
/** Texts at the beginning that tell in which letters a corpus is written. */
const SAMPLE = 500;
const LETTERS = /\p{L}/gu;
const LATIN = /\p{Script=Latin}/gu;

/** Static models that are bundled: for English, and for texts in other letters. */
const FASTER = { latin: 'static', other: 'static-multilingual' };

async function isMostlyLatin(corpus: Corpus): Promise<boolean> {
  let letters = 0;
  let latin = 0;
  let texts = 0;
  for await (const text of corpusItems(corpus)) {
    letters += text.match(LETTERS)?.length ?? 0;
    latin += text.match(LATIN)?.length ?? 0;
    if (++texts === SAMPLE) break;
  }
  return 2 * latin >= letters;
}

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
  const model = FASTER[(await isMostlyLatin(corpus)) ? 'latin' : 'other'];
  const faster = await stagePlan('embed', corpusCost(corpus, { model, threads }, done), options);
  return [
    `embedding takes about ${formatSeconds(seconds)}, and with --model ${model} about ${formatSeconds(faster.seconds)}: it knows words without their order and context (docs/models.md says what that costs)`,
  ];
}
