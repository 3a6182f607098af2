import { flatten, type Part, SPLITS_WORDS } from './tokenizer-parts.js';

/** Parts of tokenizer.json that say where a text may be cut. */
interface TokenizerSpec {
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
  model?: {
    type?: string;
    vocab?: unknown;
    end_of_word_suffix?: string | null;
    continuing_subword_suffix?: string | null;
  };
  added_tokens?: { content: string }[];
}

/** Between a character and white space. */
const WORDS = /[^\s](?=[ \t\n\r])/g;
/** The same, or between two Chinese characters. */
const WORDS_AND_IDEOGRAPHS = /[^\s](?=[ \t\n\r])|[\u3400-\u4dbf\u4e00-\u9fff](?=[\u3400-\u4dbf\u4e00-\u9fff])/g;
/** Between letter or digit and a single space, which every pre-tokenizer gives to the word behind it or drops. */
const LETTERS = /[\p{L}\p{N}](?= [\p{L}\p{N}])/gu;

/** A pattern of white space alone. */
const ONLY_SPACE = /^(?: |\\s|\\n|\\r|\\t|\s|\[(?: |\\s|\\n|\\r|\\t|\s)+\])(?:[+*]|\{\d+,?\d*\})?$/;

/** Whether a replacement leaves white space where it was, and looks at nothing across it. */
function keepsSpaces({ type, pattern, content = '' }: Part): boolean {
  if (type !== 'Replace') return true;
  const spaces = pattern?.Regex !== undefined ? ONLY_SPACE.test(pattern.Regex) : /\s/.test(pattern?.String ?? ' ');
  if (spaces) return /^[\s▁]+$/.test(content);
  return pattern?.Regex === undefined;
}

function pieces(vocabulary: unknown): string[] {
  if (Array.isArray(vocabulary)) return vocabulary.map((entry) => String(entry[0]));
  return Object.keys(vocabulary ?? {});
}

/**
 * Where a text may be cut without changing a token in front of the cut: a global pattern that matches the character
 * before it. Undefined where that cannot be known, as with vocabularies that have tokens across words.
 * @param tokenizer the content of tokenizer.json
 */
export function safeCuts(tokenizer: object): RegExp | undefined {
  const { normalizer, pre_tokenizer: preTokenizer, model, added_tokens: added = [] } = tokenizer as TokenizerSpec;
  const normalizers = flatten(normalizer);
  const splitters = flatten(preTokenizer);
  if (added.some(({ content }) => /\S\s/.test(content)) || !normalizers.every(keepsSpaces)) return undefined;
  if (splitters.length > 0 && SPLITS_WORDS.has(splitters[0].type))
    return splitters[0].type === 'BertPreTokenizer' && normalizers[0]?.type === 'BertNormalizer'
      ? WORDS_AND_IDEOGRAPHS
      : WORDS;
  if (splitters.some(({ type }) => type === 'FixedLength' || type === 'Replace')) return undefined;
  if ((model?.type !== 'BPE' && model?.type !== 'Unigram') || model.end_of_word_suffix) return undefined;
  if (model.continuing_subword_suffix) return undefined;
  // Bytes are written as characters of their own: the space as Ġ, the last byte of other letters in these ranges.
  const across = splitters.some(({ type }) => type === 'ByteLevel')
    ? /[A-Za-z0-9\u00a1-\u00bf\u0122-\u0143]Ġ/
    : /[\p{L}\p{N}][ ▁]/u;
  return pieces(model.vocab).some((piece) => across.test(piece)) ? undefined : LETTERS;
}
