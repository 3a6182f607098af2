import { CoresetError, messageOf } from '@coreset/core';
import { Tokenizer } from '@huggingface/tokenizers';
import { modelJson } from './model-json.js';
import { safeCuts } from './safe-cut.js';
import { flatten, type Part } from './tokenizer-parts.js';
import { WordTokens, wordRule } from './word-tokens.js';

/** A text in tokens, without those that the tokenizer adds. */
export interface TextTokens {
  ids: number[];
  /** Tokens left out behind; an estimate from the characters where the text was not read to its end. */
  lost: number;
}

/** A beginning of so many characters per token is read first; few texts have longer tokens. */
const CHARACTERS_PER_TOKEN = 8;
/** Tokens read beyond the limit, before the place of a cut. */
const MARGIN = 8;

/** Chinese characters that the tokenizer's own pattern of them lacks: each is a word. */
const RARE_IDEOGRAPHS =
  /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

interface TokenizerJson {
  model?: { unk_token?: string };
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
}

/** What a model of the library does; only that of SentencePiece (`Unigram`) tells the tokens of one word. */
interface WordModel {
  tokenize?(word: string): string[];
  encode(words: string[]): string[];
}

/** What the reference means by `Whitespace`: letters of all scripts, and what joins them, make words. */
const WHITESPACE = matches('[\\w\u200c\u200d]+|[^\\w\\s\u200c\u200d]+');
/** The second half of `Metaspace`: a word begins at each space. */
const METASPACE_WORDS = matches('▁[^▁]*|[^▁]+');
/** Each sign of punctuation is a word, also in a run of them. */
const PUNCTUATION = matches('[\\p{P}$+<=>^`|~]|[^\\p{P}$+<=>^`|~]+');
/** Digits of all scripts. */
const DIGITS = { each: matches('\\p{N}|\\P{N}+'), runs: matches('\\p{N}+|\\P{N}+') };

function matches(regex: string): Part {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Removed', invert: true } as Part;
}

/** The pre-tokenizers in words that the library takes as the reference does. */
function asReference(part: Part | null | undefined): Part | null {
  if (!part) return null;
  if (part.type === 'Whitespace') return WHITESPACE;
  if (part.type === 'Digits') return part.individual_digits ? DIGITS.each : DIGITS.runs;
  if (part.type === 'Punctuation' && (part.behavior ?? 'Isolated') === 'Isolated') return PUNCTUATION;
  if (part.type === 'Metaspace' && part.split !== false)
    return { type: 'Sequence', pretokenizers: [part, METASPACE_WORDS] };
  return part.pretokenizers ? { ...part, pretokenizers: part.pretokenizers.map((p) => asReference(p) ?? p) } : part;
}

/** Turns texts into token ids as the reference, the `tokenizers` of Rust and Python, does. */
export class TextTokenizer {
  /** Ids that the tokenizer sets before and behind every text. */
  readonly before: number[];
  readonly behind: number[];
  readonly paddingId: number;
  readonly unknownId: number | undefined;
  private readonly tokenizer: Tokenizer;
  private readonly cuts: RegExp | undefined;
  private readonly words: WordTokens | undefined;
  private readonly isLowerCase: boolean;
  private readonly spacesIdeographs: boolean;

  /**
   * @param lowerCase capitals do not count, whatever tokenizer.json says
   * @throws CoresetError naming the folder of the model when its tokenizer cannot be used
   */
  constructor(folder: string, lowerCase: boolean = false) {
    const read = modelJson(folder, 'tokenizer.json') as TokenizerJson;
    const json = lowerCase && !isLowerCase(read.normalizer) ? { ...read, normalizer: lowered(read.normalizer) } : read;
    const config = modelJson(folder, 'tokenizer_config.json') ?? {};
    try {
      this.tokenizer = new Tokenizer(
        { ...json, pre_tokenizer: asReference(json.pre_tokenizer) },
        { ...config, unk_token: json.model?.unk_token },
      );
      const model = this.tokenizer.model as WordModel | null;
      // The library's own puts all tokens of a word on the stack, and a word without spaces may have any length.
      if (model?.tokenize) model.encode = (words) => words.flatMap((word) => model.tokenize?.(word) ?? []);
      [this.before, this.behind] = this.specialTokens();
    } catch (error) {
      throw new CoresetError(`cannot use the tokenizer of the model in ${folder}: ${messageOf(error)}`);
    }
    this.unknownId = this.tokenizer.model?.unk_token_id ?? undefined;
    this.paddingId = this.idOf(config.pad_token) ?? this.idOf(config.eos_token) ?? 0;
    this.cuts = safeCuts(json);
    this.isLowerCase = isLowerCase(json.normalizer);
    const rule = wordRule(json, this.isLowerCase);
    const vocabulary = this.tokenizer.model?.tokens_to_ids ?? new Map();
    this.words = rule && new WordTokens(rule, (word) => this.inOne(word), vocabulary, this.unknownId);
    this.spacesIdeographs = flatten(json.normalizer).some(({ handle_chinese_chars: spaced }) => spaced);
  }

  /** The ids of what the tokenizer adds. */
  private specialTokens(): [number[], number[]] {
    const probe = '\0the text';
    const tokens: string[] = this.tokenizer.post_processor?.([probe], null, true).tokens ?? [probe];
    const at = tokens.indexOf(probe);
    if (at < 0 || at !== tokens.lastIndexOf(probe)) throw new Error('it does not set each text once among its tokens');
    const ids = tokens.map((token) => (token === probe ? 0 : this.tokenizer.token_to_id(token)));
    const missing = ids.indexOf(undefined);
    if (missing >= 0) throw new Error(`its vocabulary lacks the special token ${tokens[missing]}`);
    return [ids.slice(0, at) as number[], ids.slice(at + 1) as number[]];
  }

  private idOf(token: unknown): number | undefined {
    const name = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
    return typeof name === 'string' ? this.tokenizer.token_to_id(name) : undefined;
  }

  /** One more than the largest id of its vocabulary. */
  get size(): number {
    let size = 0;
    for (const id of this.tokenizer.get_vocab().values()) size = Math.max(size, id + 1);
    return size;
  }

  /** How many tokens are added to each text. */
  get added(): number {
    return this.before.length + this.behind.length;
  }

  /** The ids of a text with those that are added. */
  enclose(ids: number[]): number[] {
    return [...this.before, ...ids, ...this.behind];
  }

  /** All tokens of a text. */
  whole(text: string): number[] {
    return this.words?.of(text) ?? this.inOne(text);
  }

  /** The same by the library, which looks at the text as one. */
  inOne(text: string): number[] {
    let prepared = text;
    // The reference knows no σ at the end of words.
    if (this.isLowerCase && text.includes('Σ')) prepared = prepared.replaceAll('Σ', 'σ');
    if (this.spacesIdeographs) prepared = prepared.replace(RARE_IDEOGRAPHS, ' $& ');
    const { ids } = this.tokenizer.encode(prepared, { add_special_tokens: false });
    return ids.filter((id: number | undefined) => id !== undefined);
  }

  /** The first tokens of a text, at most `count`; of a long text only as much is read as is needed. */
  head(text: string, count: number): TextTokens {
    for (let size = (count + MARGIN) * CHARACTERS_PER_TOKEN; 2 * size < text.length; size *= 2) {
      const end = this.cutBehind(text, size);
      if (end === undefined) break;
      const ids = this.whole(text.slice(0, end));
      if (ids.length < count + MARGIN) continue;
      return { ids: ids.slice(0, count), lost: Math.round((ids.length / end) * text.length) - count };
    }
    const ids = this.whole(text);
    return { ids: ids.slice(0, count), lost: Math.max(0, ids.length - count) };
  }

  /** The first place at or behind `from` where the text may be cut; undefined where there is none. */
  private cutBehind(text: string, from: number): number | undefined {
    if (this.cuts === undefined) return undefined;
    this.cuts.lastIndex = from;
    const match = this.cuts.exec(text);
    return match ? match.index + match[0].length : undefined;
  }
}

function isLowerCase(normaliser: Part | null | undefined): boolean {
  return flatten(normaliser).some(
    ({ type, lowercase }) => type === 'Lowercase' || (type === 'BertNormalizer' && lowercase === true),
  );
}

/** The normaliser behind one that turns capitals into small letters. */
function lowered(normaliser: Part | null | undefined): Part {
  return { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, ...(normaliser ? [normaliser] : [])] };
}
