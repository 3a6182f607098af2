import { CoresetError, rowMask, rowPlaces } from '@coreset/core';
import { describeValue } from '@coreset/rows';
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

/** @throws CoresetError unless each is a function */
export function requireFunctions(steering: RowSteering<never>): void {
  for (const name of ['include', 'exclude', 'prefer', 'group', 'cost'] as const)
    if (steering[name] !== undefined && typeof steering[name] !== 'function')
      throw new CoresetError(`pruneRows: ${name} is a function of a row, got ${describeValue(steering[name])}`);
}

/**
 * Ask for each row.
 * @param all rows, with those that have no text or vector
 * @param numbers of those that have one
 * @param exclude rows of all that are excluded
 * @throws CoresetError naming a row whose value is none, or that is asked for what it cannot be
 */
export function steeredInput<Item>(
  all: Item[],
  numbers: Int32Array,
  steering: RowSteering<Item>,
  exclude: Int32Array | undefined,
): SteeredInput {
  const { prefer, group, cost } = steering;
  const include = chosenRows('include', all, steering.include);
  const placeOf = rowPlaces(all.length, numbers);
  const isExcluded = rowMask(all.length, exclude ?? []);
  for (const row of include ?? []) {
    if (placeOf[row] < 0) throw new CoresetError(`pruneRows: row ${row} is included and has no text to embed`);
    if (isExcluded[row]) throw new CoresetError(`pruneRows: row ${row} is both included and excluded`);
  }
  const places = (rows: Int32Array | undefined): Int32Array | undefined =>
    rows?.map((row) => placeOf[row]).filter((place) => place >= 0);
  const measured = (what: string, measure: (row: Item) => number, least: number): Float64Array =>
    Float64Array.from(numbers, (row) => {
      const value = measure(all[row]);
      if (!Number.isFinite(value) || !(value > least))
        throw new CoresetError(
          `pruneRows: the ${what} of row ${row} is ${value}; a finite number${least === 0 ? ' above 0' : ''} is needed`,
        );
      return value;
    });
  return {
    include: places(include),
    exclude: places(exclude),
    preference: prefer && measured('preference', prefer, Number.NEGATIVE_INFINITY),
    costs: cost && measured('cost', cost, 0),
    groups: group && numberLabels(Array.from(numbers, (row) => groupText(group(all[row]), row))),
  };
}

/** Rows of which a function says yes; undefined where there is none. */
export function chosenRows<Item>(
  what: string,
  all: Item[],
  choose: ((row: Item) => boolean) | undefined,
): Int32Array | undefined {
  if (choose === undefined) return undefined;
  return Int32Array.from(all.keys()).filter((row) => {
    const answer: unknown = choose(all[row]);
    if (answer instanceof Promise)
      throw new CoresetError(`pruneRows: ${what} of row ${row} is a promise, not an answer`);
    return Boolean(answer);
  });
}

function groupText(group: string | number | null | undefined, row: number): string {
  if (group === undefined || group === null) throw new CoresetError(`pruneRows: the group of row ${row} is ${group}`);
  return String(group);
}
