import { basename } from 'node:path';
import { formatCount } from '@coreset/core';
import { modelJson } from './model-json.js';
import { isBundled, type LocalModel, type ModelSource } from './model-source.js';

/** The bundled model of a hundred languages. */
const MULTILINGUAL = 'static-multilingual';
/** Models with its vocabulary know no more than it. */
const SAME_VOCABULARY = 'XLMRobertaTokenizer';

/** The model to name to people whose rows the chosen one does not know; undefined where it would be no better. */
export function multilingualRemedy(source: ModelSource | undefined): string | undefined {
  if (source?.kind !== 'local') return MULTILINGUAL;
  const { tokenizer_class: kind } = modelJson(source.folder, 'tokenizer_config.json') ?? {};
  return kind === SAME_VOCABULARY || (isBundled(source) && basename(source.folder) === MULTILINGUAL)
    ? undefined
    : MULTILINGUAL;
}

/** Letters from here on are of other scripts than Latin, or rare in it. */
const BEYOND_LATIN = /[\u0370-\u{10ffff}]/u;
const LETTERS = /\p{L}/gu;
const LATIN_LETTERS = /\p{Script=Latin}/gu;

/** How many letters a text has, and how many of them are Latin. */
export function countLetters(text: string): { letters: number; latin: number } {
  return { letters: text.match(LETTERS)?.length ?? 0, latin: text.match(LATIN_LETTERS)?.length ?? 0 };
}

/** The beginning of a text tells its script. */
const CHARACTERS = 200;

/** Whether most letters at a text's beginning are of another script than Latin. */
export function isOfOtherScript(text: string): boolean {
  const beginning = text.slice(0, CHARACTERS);
  if (!BEYOND_LATIN.test(beginning)) return false;
  const { letters, latin } = countLetters(beginning);
  return letters > 2 * latin;
}

/** So many rows tell enough to speak before a long run. */
const SAMPLE = 256;
/** A share of rows that is worth a word. */
const MANY = 0.1;

/**
 * Says once of a corpus that its rows are in scripts which a bundled model of English was not trained on: after some
 * rows, else at the end.
 */
export class ScriptWatch {
  private rows = 0;
  private others = 0;
  private isTold = false;

  private constructor(
    private readonly model: string,
    private readonly onNotice: (notice: string) => void,
  ) {}

  /** Undefined where nobody listens, or of a model whose languages are not known here. */
  static of(source: LocalModel, onNotice: ((notice: string) => void) | undefined): ScriptWatch | undefined {
    if (!onNotice || !isBundled(source) || multilingualRemedy(source) === undefined) return undefined;
    return new ScriptWatch(basename(source.folder), onNotice);
  }

  see(text: string): void {
    this.rows++;
    if (isOfOtherScript(text)) this.others++;
    if (this.rows === SAMPLE) this.tell(`the first ${SAMPLE} rows`);
  }

  end(): void {
    this.tell(`${formatCount(this.rows)} rows`);
  }

  private tell(rows: string): void {
    if (this.isTold || this.others < MANY * this.rows || this.others === 0) return;
    this.isTold = true;
    this.onNotice(
      `${formatCount(this.others)} of ${rows} are in another script than Latin; ${this.model} was trained on English and tells them apart by letters at best: --model ${MULTILINGUAL} knows a hundred languages`,
    );
  }
}
