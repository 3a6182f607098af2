import { range } from '@coreset/core';
import { flatten, type Part, SPLITS_WORDS } from './tokenizer-parts.js';

/** Parts of tokenizer.json that say where a text falls into parts that become tokens each by itself. */
interface TokenizerSpec {
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
  model?: {
    type?: string;
    continuing_subword_prefix?: string;
    max_input_chars_per_word?: number;
    end_of_word_suffix?: string | null;
    continuing_subword_suffix?: string | null;
  } | null;
  added_tokens?: { content: string; normalized?: boolean }[];
}

/** How a text falls into parts. */
export interface WordRule {
  /**
   * `white space`: at each; `in front of letters`: in front of a single space between a letter, a digit or a sign that
   * {@link WordRule.signs} allows, and a letter or a digit.
   */
  at: 'white space' | 'in front of letters';
  /** Signs of ASCII may stand in front of the space: no normaliser replaces them. */
  signs: boolean;
  /** Each Chinese character is a word. */
  ideographs: boolean;
  /** A word of ASCII becomes the longest pieces of the vocabulary, greedily; signs of punctuation are words. */
  pieces?: { prefix: string; longestWord: number; lowerCase: boolean };
  /** Characters that an added token may begin with, and end with. */
  addedFirst: Set<string>;
  addedLast: Set<string>;
}

/** Normalisers that change no character by those beyond a space in front of it. */
const LOCAL = new Set(['BertNormalizer', 'Lowercase', 'NFC', 'NFD', 'NFKC', 'NFKD', 'Precompiled', 'StripAccents']);
const SPACES = ' {2,}';
const VISIBLE = String.fromCharCode(...range(33, 127));
/** One of a list of characters, none of them a letter or a digit. */
const ONE_OF_SIGNS = /^\[(?:\\?[^\p{L}\p{N}\\\]^-])+\]$/u;

/** Whether it replaces single signs, or makes one space of several. */
function keepsLetters({ type, pattern, content = '' }: Part): boolean {
  const { Regex: regex = '' } = pattern ?? {};
  if (type !== 'Replace') return false;
  return regex === SPACES ? content === ' ' || content === '▁' : content.length <= 1 && ONE_OF_SIGNS.test(regex);
}

/** Whether it replaces visible signs of ASCII. */
function replacesSigns({ pattern: { Regex: regex = '' } = {} }: Part): boolean {
  return regex !== SPACES && new RegExp(regex).test(VISIBLE);
}

/**
 * How the texts of a tokenizer fall into parts whose tokens do not depend on what is around them; undefined where that is
 * not known of it.
 * @param tokenizer the content of tokenizer.json
 */
export function wordRule(tokenizer: object, lowerCase: boolean): WordRule | undefined {
  const { normalizer, pre_tokenizer: preTokenizer, model, added_tokens: added = [] } = tokenizer as TokenizerSpec;
  const normalizers = flatten(normalizer);
  const splitters = flatten(preTokenizer);
  if (added.some(({ content }) => /\s/.test(content) || content === '')) return undefined;
  if (!normalizers.every((part) => LOCAL.has(part.type) || keepsLetters(part)) || splitters.length !== 1)
    return undefined;
  const addedFirst = new Set(added.map(({ content }) => content[0].toLowerCase()));
  const addedLast = new Set(added.map(({ content }) => content.slice(-1)));
  const signs = normalizers.every((part) => part.type !== 'Replace' || !replacesSigns(part));
  const [{ type, ...splitter }] = splitters;
  if (SPLITS_WORDS.has(type)) {
    const isBert = type === 'BertPreTokenizer';
    const isPieces = isBert && model?.type === 'WordPiece';
    return {
      at: 'white space',
      signs: false,
      ideographs: isBert && normalizers.length === 1 && normalizers[0].handle_chinese_chars === true,
      addedFirst,
      addedLast,
      pieces: isPieces
        ? {
            prefix: model.continuing_subword_prefix ?? '##',
            longestWord: model.max_input_chars_per_word ?? 100,
            lowerCase,
          }
        : undefined,
    };
  }
  if (model?.end_of_word_suffix || model?.continuing_subword_suffix || model?.continuing_subword_prefix)
    return undefined;
  const isWords =
    type === 'Metaspace'
      ? model?.type === 'Unigram' && splitter.split !== false && splitter.prepend_scheme !== 'never'
      : type === 'ByteLevel' && model?.type === 'BPE' && splitter.use_regex !== false;
  return isWords ? { at: 'in front of letters', signs, ideographs: false, addedFirst, addedLast } : undefined;
}

/** What a character is, bit by bit. */
const SPACE = 1;
const ALONE = 2;
const LETTER = 4;
const PUNCTUATION = 8;
/** The whole tokenizer is needed for the words that have one. */
const CAREFUL = 16;
/** What follows behind a space does not depend on it. */
const ENDS = 32;

/** Letters and digits of the basic plane, which no mark joins to a space in front of them. */
const ANY_LETTER = /^[\p{L}\p{N}]$/u;

function kindsOf({ at, signs, ideographs, pieces, addedFirst, addedLast }: WordRule): Uint8Array {
  const kinds = new Uint8Array(1 << 16).fill(CAREFUL);
  for (let code = 33; code < 127; code++) {
    const character = String.fromCharCode(code);
    const isLetter = /[A-Za-z0-9]/.test(character);
    const isSimple = pieces !== undefined && !addedFirst.has(character.toLowerCase());
    const isEnd = at === 'in front of letters' && signs && !isLetter && !addedLast.has(character);
    kinds[code] = (isLetter ? LETTER : PUNCTUATION) | (isSimple ? 0 : CAREFUL) | (isEnd ? ENDS : 0);
  }
  for (const code of [32, 9, 10, 13]) kinds[code] = at === 'white space' ? SPACE : CAREFUL;
  if (at === 'in front of letters')
    for (let code = 128; code < kinds.length; code++)
      if (ANY_LETTER.test(String.fromCharCode(code))) kinds[code] |= LETTER;
  if (ideographs) kinds.fill(ALONE, 0x4e00, 0xa000).fill(ALONE, 0x3400, 0x4dc0);
  return kinds;
}

/** Few texts have more different words, and those that repeat are most of any. */
const MOST_WORDS = 1 << 16;
/** Longer ones hardly repeat. */
const LONGEST_WORD = 64;

/** The tokens of texts, word by word; those of words that were there before are known. */
export class WordTokens {
  private readonly known = new Map<string, number[]>();
  private readonly kinds: Uint8Array;

  /**
   * @param whole all tokens of a text, slowly
   * @param vocabulary ids by piece
   */
  constructor(
    private readonly rule: WordRule,
    private readonly whole: (text: string) => number[],
    private readonly vocabulary: ReadonlyMap<string, number>,
    private readonly unknownId: number | undefined,
  ) {
    this.kinds = kindsOf(rule);
  }

  /** All tokens of a text. */
  of(text: string): number[] {
    const ids: number[] = [];
    if (this.rule.at === 'white space') this.addWords(text, ids);
    else this.addLetters(text, ids);
    return ids;
  }

  private addWords(text: string, ids: number[]): void {
    const { kinds } = this;
    const { length } = text;
    for (let start = 0; start < length; ) {
      const first = kinds[text.charCodeAt(start)];
      let end = start + 1;
      let all = first;
      if (first !== SPACE && first !== ALONE)
        for (; end < length; end++) {
          const kind = kinds[text.charCodeAt(end)];
          if (kind === SPACE || kind === ALONE) break;
          all |= kind;
        }
      if (all === (LETTER | PUNCTUATION) || all === PUNCTUATION) this.addPunctuated(text, start, end, ids);
      else if (all !== SPACE) this.add(text.slice(start, end), all === LETTER, ids);
      start = end;
    }
  }

  /** A word of ASCII with signs of punctuation, each of which is a word. */
  private addPunctuated(text: string, start: number, end: number, ids: number[]): void {
    const { kinds } = this;
    for (let from = start; from < end; ) {
      let to = from + 1;
      if (kinds[text.charCodeAt(from)] === LETTER) while (to < end && kinds[text.charCodeAt(to)] === LETTER) to++;
      this.add(text.slice(from, to), true, ids);
      from = to;
    }
  }

  private addLetters(text: string, ids: number[]): void {
    const { kinds } = this;
    const is = (at: number, kind: number): boolean => (kinds[text.charCodeAt(at)] & kind) !== 0;
    let start = 0;
    for (let at = text.indexOf(' ', 1); at > 0; at = text.indexOf(' ', at + 1)) {
      if (!is(at - 1, LETTER | ENDS) || !is(at + 1, LETTER)) continue;
      this.add(text.slice(start, at), false, ids);
      start = at;
    }
    if (start < text.length) this.add(text.slice(start), false, ids);
  }

  private add(word: string, isPlain: boolean, ids: number[]): void {
    let tokens = this.known.get(word);
    if (tokens === undefined) {
      tokens = isPlain ? this.piecesOf(word) : this.whole(word);
      if (word.length <= LONGEST_WORD) {
        if (this.known.size === MOST_WORDS) this.known.clear();
        this.known.set(word, tokens);
      }
    }
    for (let t = 0; t < tokens.length; t++) ids.push(tokens[t]);
  }

  /** The longest pieces of a word of ASCII, from its beginning on; the unknown token where it cannot be spelled. */
  private piecesOf(word: string): number[] {
    const { prefix, longestWord, lowerCase } = this.rule.pieces as NonNullable<WordRule['pieces']>;
    const unknown = this.unknownId === undefined ? [] : [this.unknownId];
    if (word.length > longestWord) return unknown;
    const letters = lowerCase ? word.toLowerCase() : word;
    const ids: number[] = [];
    for (let start = 0; start < letters.length; ) {
      let end = letters.length;
      let id: number | undefined;
      for (; end > start && id === undefined; end--)
        id = this.vocabulary.get(start === 0 ? letters.slice(0, end) : prefix + letters.slice(start, end));
      if (id === undefined) return unknown;
      ids.push(id);
      start = end + 1;
    }
    return ids;
  }
}
