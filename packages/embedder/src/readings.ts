import type { ModelSource } from './model-source.js';
import { multilingualRemedy } from './script-watch.js';

/** What a model read of texts: a number per text, of the text's own tokens, without those that the tokenizer adds. */
export interface TextReadings {
  /** Tokens that count. 0: the model read nothing of the text. */
  tokens: Int32Array;
  /** Those among them that are the unknown token; always 0 with tokenizers that know every byte. */
  unknown: Int32Array;
  /** Tokens behind the limit, which do not count; of long texts an estimate from their characters. */
  lost: Int32Array;
}

/** What a model read of all texts. */
export interface ReadingSummary {
  rows: number;
  /** Tokens that count. */
  tokens: number;
  unknownTokens: number;
  /** Rows of whose tokens more than half are unknown. */
  mostlyUnknownRows: number;
  /** Rows of which not all tokens count. */
  cutRows: number;
  /** Tokens that do not count, in part estimated. */
  lostTokens: number;
  /** Rows of which no token counts. */
  emptyRows: number;
}

/** A summary of no rows. */
export function emptySummary(): ReadingSummary {
  return {
    rows: 0,
    tokens: 0,
    unknownTokens: 0,
    mostlyUnknownRows: 0,
    cutRows: 0,
    lostTokens: 0,
    emptyRows: 0,
  };
}

/**
 * What people should know of images that were not read, or not whole: a line each; none where all is well.
 * @param summary of images, each of which counts as a token
 * @param first paths of the first that is cut short, and that cannot be read
 */
export function imageNotices(
  { rows, cutRows, emptyRows }: ReadingSummary,
  first: { cut?: string; unreadable?: string } = {},
): string[] {
  const naming = (path: string | undefined): string => (path === undefined ? '' : `; the first: ${path}`);
  const notices: string[] = [];
  if (cutRows > 0)
    notices.push(
      `${count(cutRows)} of ${count(rows)} images are cut short or damaged, of which what is there counts${naming(first.cut)}`,
    );
  if (emptyRows > 0)
    notices.push(
      `${count(emptyRows)} of ${count(rows)} images have no vector: they cannot be read, or the model gives nothing for them${naming(first.unreadable)}`,
    );
  return notices;
}

/** Add rows to a summary, which is returned. */
export function addReadings(
  { tokens, unknown, lost }: TextReadings,
  summary: ReadingSummary = emptySummary(),
): ReadingSummary {
  summary.rows += tokens.length;
  for (let row = 0; row < tokens.length; row++) {
    summary.tokens += tokens[row];
    summary.unknownTokens += unknown[row];
    summary.lostTokens += lost[row];
    if (unknown[row] * 2 > tokens[row]) summary.mostlyUnknownRows++;
    if (lost[row] > 0) summary.cutRows++;
    if (tokens[row] === 0) summary.emptyRows++;
  }
  return summary;
}

/** A share of unknown tokens, or of rows of them, that is worth advice: English of all kinds has fewer. */
const MANY_UNKNOWN = 0.01;

const count = (value: number): string => value.toLocaleString('en-GB');

function percent(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return share > 0 && share < 0.1 ? 'less than 0.1 %' : `${share.toFixed(share < 10 ? 1 : 0)} %`;
}

/**
 * What people should know of what a model did not read: a line each, with what to do; none where all is well.
 * @param limits of the run; `positions`: the most tokens that the model can take, undefined for no limit; `static`: the
 * model is a static one; `source`: the model
 */
export function readingNotices(
  summary: ReadingSummary,
  limits: { maxTokens: number; positions?: number; static?: object; source?: ModelSource },
): string[] {
  const { rows, tokens, unknownTokens, mostlyUnknownRows, cutRows, lostTokens, emptyRows } = summary;
  const notices: string[] = [];
  if (mostlyUnknownRows > 0 || unknownTokens > MANY_UNKNOWN * tokens) {
    const share = percent(unknownTokens, tokens);
    const isOne = mostlyUnknownRows === 1;
    const mostly = `${count(mostlyUnknownRows)} of ${count(rows)} rows ${isOne ? 'is' : 'are'} mostly`;
    const alike = isOne ? '' : ': it cannot tell them apart';
    const remedy = multilingualRemedy(limits.source);
    const named = remedy ? ` ${remedy}, which knows a hundred languages, or another` : '';
    if (mostlyUnknownRows < MANY_UNKNOWN * rows && unknownTokens <= MANY_UNKNOWN * tokens)
      notices.push(`${mostly} tokens that the model does not know (${share} of all tokens)${alike}`);
    else
      notices.push(
        `the model does not know ${share} of the tokens${mostlyUnknownRows > 0 ? `, and ${mostly} such${alike}` : ''}; use a model for their language (--model${named})`,
      );
  }
  if (cutRows > 0) {
    const upTo = limits.positions ? ` up to ${count(limits.positions)}` : '';
    const more =
      limits.maxTokens < (limits.positions ?? Number.POSITIVE_INFINITY) ? `, --max-tokens${upTo} more of it` : '';
    const remedy = limits.static
      ? 'without --max-tokens the model reads all of it'
      : `--long mean reads all of it${more}`;
    notices.push(
      `${count(cutRows)} of ${count(rows)} rows have more than ${count(limits.maxTokens)} tokens; what is behind, about ${percent(lostTokens, tokens + lostTokens)} of all tokens, does not count: ${remedy}`,
    );
  }
  if (emptyRows > 0) {
    notices.push(
      `the model reads nothing of ${count(emptyRows)} of ${count(rows)} rows: its tokenizer makes no token of them, or it gives no numbers`,
    );
  }
  return notices;
}
