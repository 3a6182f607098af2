import { type Cost, costOf, THREADS_START, threadsOf } from '@coreset/core';
import type { ModelSize } from './model-size.js';

/** What the time of embedding depends on. */
export interface EmbeddingWorkload {
  /** Rows that get a vector. */
  rows: number;
  /** Of the different texts how many have each number of characters. */
  texts?: ReadonlyMap<number, number>;
  /** Whether most letters of the texts are Latin; default: true. */
  isLatin?: boolean;
  /** Different images, in place of texts. */
  images?: number;
  threads?: number;
}

/** Of English; other languages have fewer. */
const CHARACTERS_PER_TOKEN = 4.4;
/** Of other letters to a model of English, which knows few of their words. */
const UNKNOWN_LETTERS_PER_TOKEN = 1.3;
/** Those that a tokenizer adds to a text. */
const ADDED_TOKENS = 2;

/** Thread-seconds per multiplication; floats take several times as long. */
const PER_PRODUCT = { codes: 1 / 290e9, floats: 1 / 60e9 };
/** Per pair of tokens that run together, layer and column: each looks at all others. */
const PER_ATTENTION = 2.1e-11;
/** Per text: its tokens are made and its vector is taken. */
const PER_TEXT = 2e-5;
/** Per inference, where each text has its own. */
const PER_INFERENCE = 2e-4;
/** Reading and shrinking a small image; those of a camera take some ten times as long. */
const PER_IMAGE = 4e-3;
/** Each thread loads the model. */
const PER_MODEL_BYTE = 4e-9;
/** Of a static model, per text and per character: making tokens takes most of it. */
const PER_STATIC_TEXT = 5e-6;
const PER_CHARACTER = 3e-7;
/** Each thread reads the tokenizer of a static model; per byte of its file. */
const PER_TOKENIZER_BYTE = 3e-7;
/** Per word that was not seen before: its tokens are found once. */
const PER_NEW_WORD = 5e-5;
const CHARACTERS_PER_WORD = 7;
/** Different words are so many times the root of all words. */
const NEW_WORDS = 80;
const BYTES = { model: 3, row: 16, number: 4, tokenizer: 30e6 };

/** texts or images → embeddings: per token the products of all weights, per text also the square of its tokens. */
export function embeddingCost(workload: EmbeddingWorkload, model: ModelSize): Cost {
  if (model.isStatic) return staticCost(workload, model);
  const { rows, texts, isLatin = true, images = 0, threads } = workload;
  const perToken = isLatin || !model.isOfEnglish ? CHARACTERS_PER_TOKEN : UNKNOWN_LETTERS_PER_TOKEN;
  let seconds = images * inferenceSeconds(model.imageTokens, model);
  for (const [characters, count] of texts ?? []) seconds += count * textSeconds(characters / perToken, model);
  return costOf({
    // A processor without fast products of bytes is slow at the rest of a model too.
    ...(model.isCodes ? { codes: seconds, parallel: images * PER_IMAGE } : { parallel: seconds + images * PER_IMAGE }),
    serial: THREADS_START + model.bytes * PER_MODEL_BYTE,
    memory: threadsOf({ threads }) * BYTES.model * model.bytes + rows * BYTES.row,
    disk: rows * model.cols * BYTES.number,
  });
}

/** Of a static model each text costs what its characters do, up to the limit. */
function staticCost({ rows, texts, threads }: EmbeddingWorkload, model: ModelSize): Cost {
  const { maxTokens, cols, bytes, tokenizerBytes } = model;
  let items = 0;
  let read = 0;
  for (const [characters, count] of texts ?? []) {
    items += count;
    read += count * Math.min(characters, maxTokens * CHARACTERS_PER_TOKEN);
  }
  const words = read / CHARACTERS_PER_WORD;
  const newWords = Math.min(words, NEW_WORDS * Math.sqrt(words));
  return costOf({
    parallel: items * PER_STATIC_TEXT + read * PER_CHARACTER + newWords * PER_NEW_WORD,
    serial: THREADS_START + bytes * PER_MODEL_BYTE + tokenizerBytes * PER_TOKENIZER_BYTE,
    memory: BYTES.model * bytes + threadsOf({ threads }) * BYTES.tokenizer + rows * BYTES.row,
    disk: rows * cols * BYTES.number,
  });
}

/** What is behind the limit does not count, or is read in parts of as many tokens. */
function textSeconds(ofText: number, model: ModelSize): number {
  const { maxTokens, long, prefixed } = model;
  const tokens = ofText + prefixed / CHARACTERS_PER_TOKEN;
  const room = Math.max(1, maxTokens - ADDED_TOKENS);
  if (tokens <= room) return PER_TEXT + inferenceSeconds(tokens + ADDED_TOKENS, model);
  const parts = long === 'mean' ? tokens / room : 1;
  return PER_TEXT + parts * inferenceSeconds(maxTokens, model);
}

function inferenceSeconds(tokens: number, { products, isCodes, layers, width, isAlone }: ModelSize): number {
  const perToken = products * (isCodes ? PER_PRODUCT.codes : PER_PRODUCT.floats);
  return tokens * (perToken + tokens * layers * width * PER_ATTENTION) + (isAlone ? PER_INFERENCE : 0);
}
