import { CoresetError } from '@coreset/core';
import type { Balance, SelectorInput } from '@coreset/selector';
import { numberLabels } from './input/labels.js';

/** What is asked of the selection of rows in memory besides its method. */
export interface RowSteering<Item> {
  /** Rows that are kept in any case, come first and count. */
  include?: (row: Item) => boolean;
  /** Rows that are dropped in any case and need nothing that stands for them. */
  exclude?: (row: Item) => boolean;
  /** Of near-duplicates the row of greatest preference is kept. */
  prefer?: (row: Item) => number;
  /** Group of a row, among which the budget is shared. */
  group?: (row: Item) => string | number;
  /** How it is shared. Default: `equal`, where there are groups. */
  balance?: Balance;
  /** Rows, or where there is a cost its sum, that each group gets at least. */
  groupMinimum?: number;
  /** What a row costs; `keep` is in that unit then. */
  cost?: (row: Item) => number;
}

/** Every option of {@link RowSteering}. */
export const ROW_STEERING: Readonly<Record<keyof RowSteering<unknown>, true>> = {
  include: true,
  exclude: true,
  prefer: true,
  group: true,
  balance: true,
  groupMinimum: true,
  cost: true,
};

/** The parts of a selector's input that come from it. */
export type SteeredInput = Pick<SelectorInput, 'include' | 'exclude' | 'preference' | 'groups'> & {
  costs?: Float64Array;
};

/**
 * Ask for each row.
 * @param numbers of the rows among all that were given
 * @throws CoresetError naming a row whose value is none
 */
export function steeredInput<Item>(items: Item[], numbers: Int32Array, steering: RowSteering<Item>): SteeredInput {
  const { include, exclude, prefer, group, cost } = steering;
  const named = (choose: ((row: Item) => boolean) | undefined): Int32Array | undefined =>
    choose && Int32Array.from(items.keys()).filter((row) => choose(items[row]));
  const measured = (what: string, measure: ((row: Item) => number) | undefined): Float64Array | undefined =>
    measure &&
    Float64Array.from(items, (item, row) => {
      const value = measure(item);
      if (!Number.isFinite(value)) throw new CoresetError(`pruneRows: the ${what} of row ${numbers[row]} is ${value}`);
      return value;
    });
  return {
    include: named(include),
    exclude: named(exclude),
    preference: measured('preference', prefer),
    costs: measured('cost', cost),
    groups: group && numberLabels(items.map((item) => String(group(item)))),
  };
}
