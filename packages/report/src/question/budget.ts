import { COSINE_UNIT, NO_COSINE, NO_REASON, type ReportData } from '../report-data.js';

/** What a shown row is when the first picks alone are kept. */
export type RowState = 'kept' | 'later' | 'dropped';

/** The row that stands for another, and how alike both are. */
export interface StandIn {
  /** Of the input. */
  row: number;
  /** Cosine; undefined where it is not known. */
  similarity?: number;
}

/** The rows of a report at any budget: a beginning of the order of picks. */
export class Budgets {
  readonly #data: ReportData;
  readonly #ranks: Int32Array;
  readonly #places: Int32Array;

  constructor(data: ReportData) {
    this.#data = data;
    this.#ranks = new Int32Array(data.rows);
    data.order.forEach((row, pick) => {
      this.#ranks[row] = pick + 1;
    });
    this.#places = new Int32Array(data.rows).fill(-1);
    data.shown.rows.forEach((row, place) => {
      this.#places[row] = place;
    });
  }

  /** Of a row of the input, 1 for the first pick; 0 where it is none. */
  rankOf(row: number): number {
    return this.#ranks[row];
  }

  /** Of a row of the input among the shown ones; −1 where it is not shown. */
  placeOf(row: number): number {
    return this.#places[row];
  }

  /** Of a shown row: `later` is one that is kept by a greater budget. Rows that are kept without being picked always are. */
  stateOf(place: number, budget: number): RowState {
    const { rows, reason } = this.#data.shown;
    const rank = this.#ranks[rows[place]];
    if (rank === 0) return reason[place] === NO_REASON ? 'kept' : 'dropped';
    return rank <= budget ? 'kept' : 'later';
  }

  /**
   * The kept row that stands for a shown one that is not kept: the one that the run found, where the budget has it; otherwise
   * the nearest of its listed neighbours that is kept.
   * @returns undefined where there is none, or the row is kept itself
   */
  standInOf(place: number, budget: number): StandIn | undefined {
    if (this.stateOf(place, budget) === 'kept') return undefined;
    const { by, similarity, k, neighbours, cosines } = this.#data.shown;
    if (this.#isKept(by[place], budget)) return { row: by[place], similarity: cosineOf(similarity[place]) };
    for (let entry = place * k; entry < (place + 1) * k && neighbours[entry] >= 0; entry++)
      if (this.#isKept(neighbours[entry], budget))
        return { row: neighbours[entry], similarity: cosineOf(cosines[entry]) };
    return undefined;
  }

  #isKept(row: number, budget: number): boolean {
    return row >= 0 && this.#ranks[row] > 0 && this.#ranks[row] <= budget;
  }

  /** The rows of {@link standInOf} for all shown rows; −1 where there is none. */
  standIns(budget: number): Int32Array {
    return this.#data.shown.rows.map((_, place) => this.standInOf(place, budget)?.row ?? -1);
  }
}

/** A cosine as it is kept in shown rows. @returns undefined where there is none */
export function cosineOf(stored: number): number | undefined {
  return stored === NO_COSINE ? undefined : stored / COSINE_UNIT;
}

/** A cosine as shown rows keep it. @param cosine NaN where there is none */
export function storedCosine(cosine: number): number {
  return Number.isNaN(cosine) ? NO_COSINE : Math.round(cosine * COSINE_UNIT);
}

/** How many of the first picks have each value. @param values of each pick, in the order of picks */
export function countFirst(values: Uint8Array, budget: number, kinds: number): Uint32Array {
  const counts = new Uint32Array(kinds);
  for (let pick = 0; pick < Math.min(budget, values.length); pick++) counts[values[pick]]++;
  return counts;
}

/** A value between those at two budgets, along the line from one to the other. @param budgets ascending */
export function valueAt(budget: number, budgets: Int32Array, values: Float64Array): number {
  const after = budgets.findIndex((one) => one >= budget);
  if (after <= 0) return values[after === 0 ? 0 : values.length - 1];
  const share = (budget - budgets[after - 1]) / (budgets[after] - budgets[after - 1]);
  return values[after - 1] + share * (values[after] - values[after - 1]);
}

const THOUSANDS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, b: 1e9 };

/**
 * A budget as people write it, read as `--keep` reads it: `1200`, `10k`, or a share of all rows, `10%` or `0.1`. Digits may be
 * in groups of three, and a decimal point may be a comma.
 * @param keptUnseen rows kept without being picked, which a share counts too
 * @returns picks, whole, from 1 to `most`; undefined where it is no budget of so many rows
 */
export function parseBudget(
  text: string,
  { rows, keptUnseen, most }: { rows: number; keptUnseen: number; most: number },
): number | undefined {
  const [, written, unit] = /^([\d.,\s]+?)\s*([%kmgb]?)$/i.exec(text.trim()) ?? [];
  if (written === undefined) return undefined;
  const isGrouped = /^[1-9]\d{0,2}([,\s]\d{3})+(\.\d*)?$/.test(written);
  const digits = isGrouped ? written.replace(/[,\s]/g, '') : written.replace(',', '.');
  if (!/^(\d+\.?\d*|\.\d+)$/.test(digits)) return undefined;
  const value = Number(digits);
  const isShare = unit === '%' || (unit === '' && digits.includes('.'));
  const picks = isShare
    ? picksOfShare(value, unit, { rows, keptUnseen })
    : Math.round(value * THOUSANDS[unit.toLowerCase()]);
  if (picks === undefined || value === 0 || picks > rows) return undefined;
  return Math.max(1, Math.min(most, picks));
}

/** `1.0` could mean all rows or one. */
function picksOfShare(
  value: number,
  unit: string,
  { rows, keptUnseen }: { rows: number; keptUnseen: number },
): number | undefined {
  const share = unit === '%' ? value / 100 : value;
  if (share > 1 || (unit !== '%' && share === 1)) return undefined;
  return Math.round(share * rows) - keptUnseen;
}
