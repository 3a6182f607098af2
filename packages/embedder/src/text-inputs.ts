import { CoresetError } from '@coreset/core';
import { type InferenceSession, type Tensor, tensor } from '@coreset/kernels';

/** Texts in token ids that run together. */
export interface TextBatch {
  texts: number[][];
  /** Tokens of each with its padding, at least those of the longest. */
  width: number;
  paddingId: number;
  /** The position of each text's first token. */
  firstPosition: number;
}

type Fill = (batch: TextBatch, text: number, token: number) => number;

/** Inputs with a number per token, by name; what lies behind a text's end is padding. */
const INPUTS: Record<string, Fill> = {
  input_ids: ({ texts, paddingId }, text, token) => texts[text][token] ?? paddingId,
  attention_mask: ({ texts }, text, token) => (token < texts[text].length ? 1 : 0),
  token_type_ids: () => 0,
  position_ids: ({ firstPosition }, _, token) => firstPosition + token,
};

/** What decoders keep of earlier tokens: here there are none. */
const CACHE = /^past_/;

function tensorOf(type: string, size: number, at: (i: number) => number, shape: number[], name: string): Tensor {
  if (type === 'int64')
    return tensor(
      'int64',
      BigInt64Array.from({ length: size }, (_, i) => BigInt(at(i))),
      shape,
    );
  if (type === 'int32')
    return tensor(
      'int32',
      Int32Array.from({ length: size }, (_, i) => at(i)),
      shape,
    );
  if (type === 'float32')
    return tensor(
      'float32',
      Float32Array.from({ length: size }, (_, i) => at(i)),
      shape,
    );
  if (type === 'float16' && size === 0) return tensor('float16', new Uint16Array(0), shape);
  if (type === 'bool')
    return tensor(
      'bool',
      Uint8Array.from({ length: size }, (_, i) => at(i)),
      shape,
    );
  throw new CoresetError(`the model asks for ${name} of the type ${type}, which texts are not given in`);
}

/**
 * What a model of texts asks for.
 * @throws CoresetError naming what cannot be given
 */
export function textInputs(
  batch: TextBatch,
  asked: readonly InferenceSession.TensorValueMetadata[],
): Record<string, Tensor> {
  const { texts, width } = batch;
  const shape = [texts.length, width];
  const inputs: Record<string, Tensor> = {};
  for (const { name, type, shape: dims } of asked) {
    const fill = INPUTS[name];
    if (fill) {
      const at = (i: number): number => fill(batch, Math.floor(i / width), i % width);
      inputs[name] = tensorOf(type, texts.length * width, at, shape, name);
    } else if (name === 'use_cache_branch') {
      inputs[name] = tensorOf('bool', 1, () => 0, [1], name);
    } else if (CACHE.test(name)) {
      const sizes = dims.map((size, axis) =>
        typeof size === 'number' && size >= 0 ? size : axis === 0 ? texts.length : 0,
      );
      inputs[name] = tensorOf(type, 0, () => 0, sizes, name);
    } else {
      throw new CoresetError(
        `the model asks for ${name}; of texts it can be given ${Object.keys(INPUTS).join(', ')}: use a feature-extraction model`,
      );
    }
  }
  return inputs;
}
