import { CoresetError, type Tasks } from '@coreset/core';
import {
  AutoModel,
  AutoTokenizer,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  Tensor,
} from '@huggingface/transformers';
import type { Embedded } from './embed.js';
import type { ModelSettings } from './options.js';
import { poolTokens } from './pooling.js';
import { embeddingTasks, loadModel } from './worker-model.js';

interface Loaded {
  tokenizer: PreTrainedTokenizer;
  model: PreTrainedModel;
}

function load(settings: ModelSettings): Promise<Loaded> {
  return loadModel(settings, async (id, options) => ({
    tokenizer: await AutoTokenizer.from_pretrained(id),
    model: await AutoModel.from_pretrained(id, options),
  }));
}

/** Token ids of a batch, padded to its longest text, with the mask that tells tokens from padding. */
function batchInputs(texts: number[][], padding: number): Record<string, Tensor> {
  const width = texts.reduce((longest, ids) => Math.max(longest, ids.length), 0);
  const ids = new BigInt64Array(texts.length * width).fill(BigInt(padding));
  const mask = new BigInt64Array(texts.length * width);
  for (let b = 0; b < texts.length; b++) {
    for (let t = 0; t < texts[b].length; t++) {
      ids[b * width + t] = BigInt(texts[b][t]);
      mask[b * width + t] = 1n;
    }
  }
  const shape = [texts.length, width];
  return {
    input_ids: new Tensor('int64', ids, shape),
    attention_mask: new Tensor('int64', mask, shape),
    token_type_ids: new Tensor('int64', new BigInt64Array(texts.length * width), shape),
  };
}

async function tokenVectors(model: PreTrainedModel, inputs: Record<string, Tensor>): Promise<Tensor> {
  const output: Record<string, Tensor> = await model(inputs);
  const hidden = output.last_hidden_state ?? output.token_embeddings;
  if (hidden === undefined) {
    throw new CoresetError(
      `the model gives ${Object.keys(output).join(', ')}, not last_hidden_state; use an encoder (feature-extraction) model`,
    );
  }
  return hidden;
}

/** More tokens in one inference are slower, since what the layers pass on leaves the cache. */
const MOST_TOKENS = 1024;

/** Which texts run together: neighbours by length, at most `batchSize`, of one length and not too long if so asked. */
function batches(encoded: number[][], { batchSize, sameLength }: ModelSettings): number[][] {
  const length = (i: number): number => encoded[i].length;
  const byLength = encoded.map((_, i) => i).sort((a, b) => length(a) - length(b) || a - b);
  const isRoom = (batch: number[], i: number): boolean =>
    batch.length < batchSize &&
    (!sameLength || (length(batch[0]) === length(i) && (batch.length + 1) * length(i) <= MOST_TOKENS));
  const result: number[][] = [];
  for (const i of byLength) {
    const last = result.at(-1);
    if (last && isRoom(last, i)) last.push(i);
    else result.push([i]);
  }
  return result;
}

/** Embed a few texts; rows of the result follow the order of the texts. */
async function embed({ tokenizer, model }: Loaded, settings: ModelSettings, texts: string[]): Promise<Embedded> {
  const { maxTokens, pooling } = settings;
  const encoded: number[][] = texts.map(
    (text) => tokenizer(text, { truncation: true, max_length: maxTokens, return_tensor: false }).input_ids,
  );
  let data = new Float32Array(0);
  let cols = 0;
  for (const batch of batches(encoded, settings)) {
    const hidden = await tokenVectors(
      model,
      batchInputs(
        batch.map((i) => encoded[i]),
        tokenizer.pad_token_id ?? 0,
      ),
    );
    const [, paddedTokens, width] = hidden.dims;
    if (cols === 0) {
      cols = width;
      data = new Float32Array(texts.length * cols);
    }
    for (let b = 0; b < batch.length; b++) {
      const row = batch[b];
      const target = data.subarray(row * cols, (row + 1) * cols);
      poolTokens(hidden.data as Float32Array, b * paddedTokens * width, encoded[row].length, width, pooling, target);
    }
    hidden.dispose();
  }
  return { data, cols };
}

export function serve(settings: ModelSettings): Tasks {
  return embeddingTasks(settings, load, embed);
}
