/** A normaliser or pre-tokenizer of tokenizer.json, or a sequence of them. */
export interface Part {
  type: string;
  normalizers?: Part[];
  pretokenizers?: Part[];
  pattern?: { String?: string; Regex?: string };
  content?: string;
  lowercase?: boolean;
  handle_chinese_chars?: boolean;
  prepend_scheme?: string;
  split?: boolean;
  use_regex?: boolean;
  behavior?: string;
  individual_digits?: boolean;
}

/** Pre-tokenizers that end a word at white space whatever stands around it. */
export const SPLITS_WORDS: ReadonlySet<string> = new Set(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']);

/** The parts of a sequence in their order, sequences in it included. */
export function flatten(part: Part | null | undefined): Part[] {
  if (!part) return [];
  const parts = part.normalizers ?? part.pretokenizers;
  return parts ? parts.flatMap(flatten) : [part];
}
