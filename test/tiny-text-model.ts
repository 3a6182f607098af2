import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElementType, encodeOnnxModel, type GraphSpec, type TensorSpec } from '@coreset/core';

/** Codes of types that the kernels do not use. */
const FLOAT16 = 10 as TensorSpec['type'];
const FLOAT64 = 11 as TensorSpec['type'];

/** What a tiny model differs in from one that gives float32 vectors of tokens. */
export interface TinyTextModel {
  /** The type of what it gives. */
  type?: 'float32' | 'float16' | 'float64' | 'int64';
  /** One vector per text: the mean over all its tokens, padding included. */
  perText?: boolean;
  /** It asks for these beside input_ids; what it gives of positions and types of tokens is added as columns. */
  asks?: ('position_ids' | 'token_type_ids' | 'attention_mask' | 'labels')[];
  /** It asks for what it keeps of earlier tokens, as decoders do. */
  cache?: boolean;
  /** The number of tokens that it takes, where it is fixed. */
  width?: number;
  /** What it says of itself. */
  config?: object;
  tokenizerConfig?: object;
  /** In place of a tokenizer of words with [CLS] and [SEP]. */
  tokenizer?: object;
  file?: string;
}

/** Ids: 0 padding, 1 unknown, 2 and 3 around each text, the words from 4 on. */
export const WORDS = ['a', 'text', 'about', 'cats', 'dogs', 'birds', 'short', 'long', 'one', 'two'];

const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(['[PAD]', '[UNK]', '[CLS]', '[SEP]', ...WORDS].map((word, id) => [word, id])),
  },
};

/** A tokenizer that adds nothing and knows a few letters: it makes no token of any other text. */
export const LETTERS_ALONE = {
  ...TOKENIZER,
  post_processor: null,
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: { a: 0, b: 1, t: 2, e: 3, x: 4 },
    merges: [],
  },
};

const TYPES = { float32: ElementType.float32, float16: FLOAT16, float64: FLOAT64, int64: ElementType.int64 };

/**
 * Write a model of texts into a folder. The vector of a token: its id, sine and cosine of the id, then the numbers of
 * other inputs that are asked for.
 */
export function writeTinyTextModel(folder: string, model: TinyTextModel = {}): void {
  const {
    type = 'float32',
    perText = false,
    width = 's',
    asks = ['attention_mask'],
    file = 'model_quantized.onnx',
  } = model;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(model.config ?? { model_type: 'bert', hidden_size: 3 }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(model.tokenizer ?? TOKENIZER));
  if (model.tokenizerConfig)
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(model.tokenizerConfig));
  const counted = asks.filter((name) => name !== 'attention_mask');
  const column = (name: string): GraphSpec['nodes'] => [
    { op: 'Cast', inputs: [name], outputs: [`${name} float`], attributes: { to: ElementType.float32 } },
    { op: 'Unsqueeze', inputs: [`${name} float`, 'axis'], outputs: [`${name} column`] },
  ];
  const result = perText ? 'sentence_embedding' : 'last_hidden_state';
  const cols = 3 + counted.length;
  const onnx = encodeOnnxModel({
    name: 'tiny',
    inputs: [
      ...['input_ids', ...asks].map((name) => ({ name, type: ElementType.int64, shape: ['b', width] })),
      ...(model.cache ? [{ name: 'past_key_values.0.key', type: ElementType.float32, shape: ['b', 2, 'p', 4] }] : []),
    ],
    outputs: [{ name: result, type: TYPES[type], shape: perText ? ['b', cols] : ['b', width, cols] }],
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['axis'], attributes: { value_ints: [2] } },
      ...['input_ids', ...counted].flatMap(column),
      { op: 'Sin', inputs: ['input_ids column'], outputs: ['sine'] },
      { op: 'Cos', inputs: ['input_ids column'], outputs: ['cosine'] },
      {
        op: 'Concat',
        inputs: ['input_ids column', 'sine', 'cosine', ...counted.map((name) => `${name} column`)],
        outputs: ['tokens'],
        attributes: { axis: 2 },
      },
      perText
        ? { op: 'ReduceMean', inputs: ['tokens'], outputs: ['vectors'], attributes: { axes: [1], keepdims: 0 } }
        : { op: 'Identity', inputs: ['tokens'], outputs: ['vectors'] },
      { op: 'Cast', inputs: ['vectors'], outputs: [result], attributes: { to: TYPES[type] } },
    ],
  });
  writeFileSync(join(folder, 'onnx', file), onnx);
}

/** What the model gives of texts in token ids, as the mean over all tokens. */
export function tinyVector(ids: number[], further: number[] = []): number[] {
  const mean = (value: (id: number) => number): number => ids.reduce((sum, id) => sum + value(id), 0) / ids.length;
  return [mean((id) => id), mean(Math.sin), mean(Math.cos), ...further];
}
