import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { endsNormalised, type Layer, readLayers } from './layers/layer.js';
import { tokenLimit } from './model-limits.js';
import { ownPoolings, type Pipeline, readPipeline } from './model-pipeline.js';
import { type Dtype, weightsFile } from './model-source.js';
import { type OnnxOutline, readOnnxOutline, type Shape } from './onnx-file.js';
import type { Pooling } from './pooling.js';

/** How a model makes vectors of texts. */
export interface TextModel {
  /** The output that counts. */
  output: string;
  /** It is one vector per text, else one per token. */
  perText: boolean;
  /** What the model's files say beside. */
  pipeline: Pipeline;
  /** What the pooled vector goes through. */
  layers: Layer[];
  /** The number of texts that it always takes; undefined where it is free. */
  batch?: number;
  /** The number of tokens that it always takes; undefined where it is free. */
  width?: number;
  /** It can be told which tokens are padding. */
  hidesPadding: boolean;
}

/** Whole vectors as the model's authors mean them, vectors of tokens, and whole vectors that may be meant for other uses. */
const COMPLETE = ['sentence_embedding', 'text_embeds'];
const TOKENS = ['last_hidden_state', 'token_embeddings'];
const OUTPUTS = [...COMPLETE, ...TOKENS, 'pooler_output'];

/** Whether an output has one vector per text; where its shape is not told, its name says so. */
function isPerText(name: string, shape: Shape): boolean {
  return shape.length === 0 ? !TOKENS.includes(name) : shape.length === 2;
}

function outputOf({ outputs }: OnnxOutline, pooling: Pooling | undefined, folder: string): [string, boolean] {
  const known = OUTPUTS.filter((name) => outputs.has(name)).map((name): [string, boolean] => [
    name,
    isPerText(name, outputs.get(name) ?? []),
  ]);
  if (known.length === 0) {
    throw new CoresetError(
      `the model in ${folder} gives ${[...outputs.keys()].join(', ')}, not ${OUTPUTS.join(' or ')}; use a feature-extraction model`,
    );
  }
  const found = pooling === undefined ? known[0] : known.find(([, perText]) => !perText);
  if (found) return found;
  throw new CoresetError(
    `pooling '${pooling}' would have no effect: the model in ${folder} gives one vector per text (${known[0][0]}); leave the option out`,
  );
}

/** What the options of the embedder ask of a model of texts. */
export interface AskedOfTexts {
  dtype: Dtype;
  pooling?: Pooling;
  maxTokens?: number;
  /** In place of the prompt that the model's files name. */
  prefix?: string;
}

/**
 * Find out how a model makes vectors of texts: from the options, its ONNX file and the files of sentence-transformers.
 * @throws CoresetError when an option does not fit the model, or a file of it cannot be used
 */
export function readTextModel(
  folder: string,
  { dtype, pooling, maxTokens, prefix }: AskedOfTexts,
): {
  text: TextModel;
  poolings: Pooling[];
  /** The model's own files say that vectors are scaled to length 1, or that they are not; undefined where they do not say. */
  normalise?: boolean;
  limit: { maxTokens: number; positions?: number };
} {
  const outline = readOnnxOutline(join(folder, weightsFile(folder, dtype, 'text')));
  const read = readPipeline(folder);
  const pipeline = { ...read, prompt: prefix ?? read.prompt };
  const { modules } = pipeline;
  const [output, perText] = outputOf(outline, pooling, folder);
  const [batch, width] = outline.inputs.get('input_ids') ?? [];
  const layers = COMPLETE.includes(output) ? [] : readLayers(folder, modules);
  if (perText && layers.length > 0)
    throw new CoresetError(
      `the model in ${folder} goes on with ${layers.map(({ kind }) => kind).join(', ')} behind the pooling (modules.json), and its ONNX file gives ${output} instead of tokens; export it with last_hidden_state or sentence_embedding`,
    );
  return {
    text: { output, perText, pipeline, layers, batch, width, hidesPadding: outline.inputs.has('attention_mask') },
    poolings: pooling ? [pooling] : perText ? ['mean'] : ownPoolings(pipeline, folder),
    normalise: modules.length === 0 ? undefined : endsNormalised(modules),
    limit: tokenLimit(maxTokens, folder, outline, pipeline.maxTokens),
  };
}
