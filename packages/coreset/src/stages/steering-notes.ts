import { REASON_DEFAULTS } from '@coreset/selector';
import type { PruneOptions } from '../run-options.js';
import type { SelectRequest } from './stages.js';

/** What was asked of the selection besides its method and budget, a sentence each. */
export function steeringNotes(
  { include, exclude, groups, budget, costs }: SelectRequest,
  options: PruneOptions,
): string[] {
  const {
    maxSimilarity,
    prefer,
    balance,
    groupMinimum,
    cost,
    base,
    nearDuplicate = REASON_DEFAULTS.nearDuplicate,
  } = options;
  const notes: string[] = [];
  const rows = (count: number): string => (count === 1 ? '1 row' : `${count} rows`);
  if (include)
    notes.push(
      `${rows(include.length)} ${base === undefined ? '' : 'of an earlier run or named '}came first and count.`,
    );
  if (exclude) notes.push(`${rows(exclude.length)} took no part.`);
  if (maxSimilarity !== undefined) notes.push(`No two kept rows have a similarity of more than ${maxSimilarity}.`);
  if (prefer !== undefined)
    notes.push(
      `Of rows with a similarity of ${maxSimilarity ?? nearDuplicate} or more the one preferred by ${prefer} came first.`,
    );
  if (groups && balance !== undefined)
    notes.push(
      `${new Set(groups).size} groups by ${balance} share the budget${groupMinimum === undefined ? '' : `, each with at least ${groupMinimum}`}.`,
    );
  if (costs && cost !== undefined) notes.push(`The budget is ${Math.round(budget)} in the unit of ${cost}.`);
  return notes;
}
