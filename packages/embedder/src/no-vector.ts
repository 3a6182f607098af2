import { CoresetError } from '@coreset/core';

/** Why an item has no vector. */
export type Missing = 'no tokens' | 'unknown tokens' | 'not finite' | 'zeros' | { unreadable: string };

/** So many characters of a text say which it is. */
const BEGINNING = 40;

/** What is wrong with an item, and what to do beside leaving it out. */
const REASONS: Record<Extract<Missing, string>, { what: (item: string) => string; hint: string }> = {
  'no tokens': { what: (item) => `the model's tokenizer makes no token of ${item}`, hint: 'use another model' },
  'unknown tokens': { what: (item) => `the model knows no token of ${item}`, hint: 'use another model' },
  'not finite': {
    what: (item) => `the model gives NaN or infinite numbers for ${item}`,
    hint: 'use other weights (--dtype fp32) or another model',
  },
  zeros: { what: (item) => `the model gives nothing but zeros for ${item}`, hint: 'use another model' },
};

/** An item that has no vector. */
export class NoVector extends CoresetError {
  /**
   * @param row of the item, among those that were given
   * @param item a text, or the path of an image
   */
  constructor(
    readonly row: number,
    readonly item: string,
    readonly why: Missing,
  ) {
    super(
      typeof why === 'object'
        ? `cannot read the image ${item}: ${why.unreadable}`
        : `row ${row} (${beginningOf(item)}): ${REASONS[why].what('it')}; leave the row out or ${REASONS[why].hint}`,
    );
  }

  /** What is wrong and what to do, for one who knows the row by another number. */
  get reason(): string {
    if (typeof this.why === 'object') return `${this.message}; mend it`;
    const { what, hint } = REASONS[this.why];
    return `${what(beginningOf(this.item))}; ${hint}`;
  }
}

function beginningOf(item: string): string {
  return JSON.stringify(item.length > BEGINNING ? `${item.slice(0, BEGINNING)}…` : item);
}
