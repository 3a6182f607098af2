import type { ShownRows } from '../report-data.js';

/** Without case and accents, as texts are compared. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase();
}

/** Looks for words in the texts and ids of shown rows. */
export class RowSearch {
  readonly #rows: ShownRows;
  #texts: string[] | undefined;

  constructor(rows: ShownRows) {
    this.#rows = rows;
  }

  /**
   * The places of rows with every word of a query in their text, id or the address of their picture; a query that is a row
   * number or an id finds that row first.
   */
  find(query: string): Int32Array {
    const words = folded(query).split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.#rows.rows.map((_, place) => place);
    this.#texts ??= this.#foldedTexts();
    const texts = this.#texts;
    const exact = this.#named(query.trim());
    const found: number[] = exact >= 0 ? [exact] : [];
    for (let place = 0; place < texts.length; place++)
      if (place !== exact && words.every((word) => texts[place].includes(word))) found.push(place);
    return Int32Array.from(found);
  }

  #foldedTexts(): string[] {
    const { rows, ids, texts, images } = this.#rows;
    return Array.from(rows, (row, place) =>
      folded([ids?.[place] ?? row, texts?.[place], images?.[place]].filter((part) => part !== undefined).join('\n')),
    );
  }

  #named(query: string): number {
    const { rows, ids } = this.#rows;
    const byId = ids?.indexOf(query) ?? -1;
    if (byId >= 0) return byId;
    return /^\d+$/.test(query) ? rows.indexOf(Number(query)) : -1;
  }
}
