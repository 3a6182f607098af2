import { NO_REASON } from '../../src/report-data.ts';
import type { Model } from '../model.ts';

/** A part of the shown rows that was asked for. */
export type Subset =
  | { kind: 'state'; state: 'kept' | 'later' | 'dropped' }
  | { kind: 'reason'; reason: number }
  | { kind: 'field'; field: number; value: number }
  /** Rows for which a row of the input stands, itself among them. */
  | { kind: 'group'; row: number }
  | { kind: 'lasso'; places: Int32Array }
  | { kind: 'cut' }
  | { kind: 'unknown' };

/** How a subset is called. */
export function nameOfSubset(model: Model, subset: Subset): string {
  const { reasons, fields } = model.data;
  switch (subset.kind) {
    case 'state':
      return { kept: 'kept', later: 'picked later', dropped: 'dropped' }[subset.state];
    case 'reason':
      return `dropped: ${reasons[subset.reason].reason}`;
    case 'field':
      return `${fields[subset.field].name}: ${fields[subset.field].values[subset.value] ?? 'others'}`;
    case 'group':
      return `for which ${model.nameOf(subset.row)} stands`;
    case 'lasso':
      return 'in the lasso';
    case 'cut':
      return 'cut off';
    case 'unknown':
      return 'with unknown words';
  }
}

/** Tells whether a shown row is of a subset, at a budget. */
export function memberOf(model: Model, subset: Subset, budget: number): (place: number) => boolean {
  const { budgets } = model;
  const { fields, shown } = model.data;
  switch (subset.kind) {
    case 'state':
      return (place) => budgets.stateOf(place, budget) === subset.state;
    case 'reason':
      return (place) => shown.reason[place] === subset.reason && shown.reason[place] !== NO_REASON;
    case 'field':
      return (place) => fields[subset.field].shown[place] === subset.value;
    case 'group':
      return (place) => shown.rows[place] === subset.row || budgets.standInOf(place, budget)?.row === subset.row;
    case 'lasso': {
      const places = new Set(subset.places);
      return (place) => places.has(place);
    }
    case 'cut':
      return (place) => (shown.cut?.[place] ?? 0) > 0;
    case 'unknown':
      return (place) => (shown.unknown?.[place] ?? 0) > 0;
  }
}

/** Orders of a list of rows. */
export const ORDERS = {
  input: 'input order',
  picks: 'order of picks',
  hard: 'hardest first',
  easy: 'easiest first',
  weight: 'stands for most, at all picks',
  alike: 'most alike to a kept row',
  lone: 'least alike to a kept row',
  cut: 'most cut off',
  unknown: 'most unknown words',
} as const;

/** A name of one of {@link ORDERS}. */
export type Order = keyof typeof ORDERS;

/** Orders that mean something for a report. */
export function ordersOf({ data: { shown } }: Model): Order[] {
  const isThere: Record<Order, boolean> = {
    input: true,
    picks: true,
    hard: true,
    easy: true,
    weight: true,
    alike: true,
    lone: true,
    cut: shown.cut?.some((one) => one > 0) ?? false,
    unknown: shown.unknown?.some((one) => one > 0) ?? false,
  };
  return (Object.keys(ORDERS) as Order[]).filter((order) => isThere[order]);
}

/** Places in an order; equal ones, and those without a value behind the others, in the order of the input. */
export function ordered(model: Model, places: Int32Array, order: Order, budget: number): Int32Array {
  if (order === 'input') return places;
  const { budgets, data } = model;
  const { rows, difficulty, weight, cut, unknown } = data.shown;
  const similarity = (place: number): number => budgets.standInOf(place, budget)?.similarity ?? Number.NaN;
  const values: Record<Exclude<Order, 'input'>, (place: number) => number> = {
    picks: (place) => budgets.rankOf(rows[place]) || Number.NaN,
    hard: (place) => -difficulty[place],
    easy: (place) => difficulty[place],
    weight: (place) => -weight[place],
    alike: (place) => -similarity(place),
    lone: similarity,
    cut: (place) => -(cut?.[place] ?? 0),
    unknown: (place) => -(unknown?.[place] ?? 0),
  };
  const keys = Float64Array.from(places, (place) => {
    const value = values[order](place);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  });
  const at = places.map((_, i) => i).sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a] - keys[b]));
  return at.map((i) => places[i]);
}
