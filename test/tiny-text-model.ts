import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElementType, encodeOnnxModel, type ModelSpec, type TensorSpec } from '@coreset/kernels';

/** Codes of types that the kernels do not use. */
const FLOAT16 = 10 as TensorSpec['type'];
const FLOAT64 = 11 as TensorSpec['type'];
const BFLOAT16 = 16 as TensorSpec['type'];

/** What a tiny model differs in from one that gives float32 vectors of tokens. */
export interface TinyTextModel {
  /** The type of what it gives. */
  type?: 'float32' | 'float16' | 'bfloat16' | 'float64' | 'int64';
  /** The type of the numbers that it asks for; int64 where this is left out. */
  asksFor?: 'int32';
  /** One vector per text: the mean over all its tokens, padding included. */
  perText?: boolean;
  /** It gives these as well, by the name of `sentence_embedding` and `pooler_output` the vectors of [CLS]. */
  outputs?: string[];
  /** What it gives of texts in which the word `two` is. */
  two?: 'NaN' | 'zeros';
  /** It fails while it runs. */
  fails?: boolean;
  /** The number of rows in its tables of tokens and of positions. */
  rows?: { input_ids?: number; position_ids?: number };
  /** Files beside it with weights, a zero each, which is added to all numbers. */
  external?: string[];
  /** Weights that nobody uses, by name with their dimensions; their numbers are zeros. */
  weights?: Record<string, [rows: number, cols: number]>;
  /** The number of texts that it takes, where it is fixed. */
  batch?: number;
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

const TYPES = {
  float32: ElementType.float32,
  float16: FLOAT16,
  bfloat16: BFLOAT16,
  float64: FLOAT64,
  int64: ElementType.int64,
};

/** What is done to the vectors of texts with the word `two`, the last of the vocabulary. */
const OF_TWO: Record<string, ModelSpec['nodes']> = {
  nothing: [
    { op: 'Constant', inputs: [], outputs: ['other shape'], attributes: { value_ints: [1, 1, 7] } },
    { op: 'Reshape', inputs: ['plain', 'other shape'], outputs: ['tokens'] },
  ],
  none: [{ op: 'Identity', inputs: ['plain'], outputs: ['tokens'] }],
  NaN: [
    { op: 'Constant', inputs: [], outputs: ['limit'], attributes: { value_float: { float: 12.5 } } },
    { op: 'Sub', inputs: ['limit', 'input_ids column'], outputs: ['below'] },
    { op: 'Sqrt', inputs: ['below'], outputs: ['root'] },
    { op: 'Mul', inputs: ['root', 'plain'], outputs: ['tokens'] },
  ],
  zeros: [
    { op: 'Constant', inputs: [], outputs: ['limit'], attributes: { value_float: { float: 13 } } },
    { op: 'ReduceMax', inputs: ['input_ids column'], outputs: ['most'], attributes: { axes: [1], keepdims: 1 } },
    { op: 'Sub', inputs: ['limit', 'most'], outputs: ['factor'] },
    { op: 'Mul', inputs: ['factor', 'plain'], outputs: ['tokens'] },
  ],
};

/** A field of a protocol buffer that has a length. */
function field(number: number, ...content: (string | Buffer)[]): Buffer {
  const bytes = Buffer.concat(content.map((item) => Buffer.from(item as string)));
  const { length } = bytes;
  return Buffer.concat([
    Buffer.from([number * 8 + 2, ...(length < 128 ? [length] : [128 + (length % 128), length >> 7])]),
    bytes,
  ]);
}

/** The graph of a model again, with float32 weights; parts of protocol buffers that follow each other are one. */
function graphWith(name: string, dims: number[], content: Buffer): Buffer {
  return field(
    7,
    field(5, ...dims.map((size) => Buffer.from([8, size])), Buffer.from([16, 1]), field(8, name), content),
  );
}

function weightIn(file: string): Buffer {
  const location = field(13, field(1, 'location'), field(2, file));
  return graphWith(`weight in ${file}`, [1], Buffer.concat([location, Buffer.from([14 * 8, 1])]));
}

/**
 * Write a model of texts into a folder. The vector of a token: its id, sine and cosine of the id, then the numbers of
 * other inputs that are asked for.
 */
export function writeTinyTextModel(folder: string, model: TinyTextModel = {}): void {
  const { type = 'float32', perText = false, outputs: more = [], external = [], rows = {} } = model;
  const { two = model.fails ? 'nothing' : 'none' } = model;
  const { batch = 'b', width = 's', asks = ['attention_mask'], file = 'model_quantized.onnx' } = model;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(model.config ?? { model_type: 'bert', hidden_size: 3 }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(model.tokenizer ?? TOKENIZER));
  if (model.tokenizerConfig)
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(model.tokenizerConfig));
  const counted = asks.filter((name) => name !== 'attention_mask');
  const column = (name: string): ModelSpec['nodes'] => {
    const count = rows[name as keyof typeof rows];
    const table = Array.from({ length: count ?? 0 }, (_, i) => i);
    const looked: ModelSpec['nodes'] =
      count === undefined
        ? [{ op: 'Identity', inputs: [name], outputs: [`${name} known`] }]
        : [
            { op: 'Constant', inputs: [], outputs: [`${name} table`], attributes: { value_ints: table } },
            { op: 'Gather', inputs: [`${name} table`, name], outputs: [`${name} known`] },
          ];
    return [
      ...looked,
      { op: 'Cast', inputs: [`${name} known`], outputs: [`${name} float`], attributes: { to: ElementType.float32 } },
      { op: 'Unsqueeze', inputs: [`${name} float`, 'axis'], outputs: [`${name} column`] },
    ];
  };
  const result = perText ? 'sentence_embedding' : 'last_hidden_state';
  const cols = 3 + counted.length;
  const isPerText = (name: string): boolean => (name === result ? perText : name !== 'token_embeddings');
  const onnx = encodeOnnxModel({
    name: 'tiny',
    inputs: [
      ...['input_ids', ...asks].map((name) => ({
        name,
        type: ElementType[model.asksFor ?? 'int64'],
        shape: [batch, width],
      })),
      ...(model.cache ? [{ name: 'past_key_values.0.key', type: ElementType.float32, shape: ['b', 2, 'p', 4] }] : []),
    ],
    outputs: [result, ...more].map((name) => ({
      name,
      type: TYPES[type],
      shape: isPerText(name) ? [batch, cols] : [batch, width, cols],
    })),
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['axis'], attributes: { value_ints: [2] } },
      ...['input_ids', ...counted].flatMap(column),
      { op: 'Sin', inputs: ['input_ids column'], outputs: ['sine'] },
      { op: 'Cos', inputs: ['input_ids column'], outputs: ['cosine'] },
      {
        op: 'Concat',
        inputs: ['input_ids column', 'sine', 'cosine', ...counted.map((name) => `${name} column`)],
        outputs: ['plain 0'],
        attributes: { axis: 2 },
      },
      ...external.map((name, i) => ({
        op: 'Add',
        inputs: [`plain ${i}`, `weight in ${name}`],
        outputs: [`plain ${i + 1}`],
      })),
      { op: 'Identity', inputs: [`plain ${external.length}`], outputs: ['plain'] },
      ...OF_TWO[two],
      { op: 'ReduceMean', inputs: ['tokens'], outputs: ['means'], attributes: { axes: [1], keepdims: 0 } },
      { op: 'Constant', inputs: [], outputs: ['first'], attributes: { value_int: 0 } },
      { op: 'Gather', inputs: ['tokens', 'first'], outputs: ['firsts'], attributes: { axis: 1 } },
      ...[result, ...more].map((name) => ({
        op: 'Cast',
        inputs: [!isPerText(name) ? 'tokens' : name === result ? 'means' : 'firsts'],
        outputs: [name],
        attributes: { to: TYPES[type] },
      })),
    ],
  });
  const unused = Object.entries(model.weights ?? {}).map(([name, [rows, cols]]) =>
    graphWith(name, [rows, cols], field(9, Buffer.alloc(4 * rows * cols))),
  );
  writeFileSync(join(folder, 'onnx', file), Buffer.concat([onnx, ...unused, ...external.map(weightIn)]));
  for (const name of external) writeFileSync(join(folder, 'onnx', name), Buffer.alloc(4));
}

/** What the model gives of texts in token ids, as the mean over all tokens. */
export function tinyVector(ids: number[], further: number[] = []): number[] {
  const mean = (value: (id: number) => number): number => ids.reduce((sum, id) => sum + value(id), 0) / ids.length;
  return [mean((id) => id), mean(Math.sin), mean(Math.cos), ...further];
}
