import { Budgets } from '../src/question/budget.ts';
import { RowSearch } from '../src/question/search.ts';
import type { ReportData } from '../src/report-data.ts';
import { count } from './format.ts';

/** A report, and what is worked out of it once. */
export class Model {
  readonly data: ReportData;
  readonly budgets: Budgets;
  readonly search: RowSearch;
  /** Difficulties of the shown rows, ascending. */
  readonly #difficulties: Float32Array;

  constructor(data: ReportData) {
    this.data = data;
    this.budgets = new Budgets(data);
    this.search = new RowSearch(data.shown);
    this.#difficulties = data.shown.difficulty.filter((value) => !Number.isNaN(value)).sort();
  }

  /** The greatest budget: all picks. */
  get picks(): number {
    return this.data.order.length;
  }

  /** Whether not every row of the corpus can be shown. */
  get isSample(): boolean {
    return this.data.shown.rows.length < this.data.rows;
  }

  /** What a search does not look at; undefined where it looks at all. */
  get unsearched(): string | undefined {
    const { shown, textLength, rows } = this.data;
    const isCut = shown.texts?.some((text) => text.length > textLength);
    const parts = [
      ...(isCut ? [`in the first ${count(textLength)} characters of each text`] : []),
      ...(this.isSample ? [`among the ${count(shown.rows.length)} shown rows of ${count(rows)}`] : []),
    ];
    return parts.length === 0 ? undefined : `Searched ${parts.join(', ')}.`;
  }

  /** The share of shown rows that are easier. */
  easierThan(difficulty: number): number {
    let low = 0;
    let high = this.#difficulties.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#difficulties[middle] < difficulty) low = middle + 1;
      else high = middle;
    }
    return low / Math.max(1, this.#difficulties.length);
  }

  /** How a row of the input is called. */
  nameOf(row: number): string {
    const { ids } = this.data.shown;
    const place = this.budgets.placeOf(row);
    return ids && place >= 0 && ids[place] !== '' ? ids[place] : `row ${row}`;
  }

  /** The beginning of a shown row's text; undefined where rows have none. */
  textOf(place: number): string | undefined {
    const { texts, ids } = this.data.shown;
    const text = texts?.[place];
    return text === undefined || text === ids?.[place] ? undefined : text;
  }
}
