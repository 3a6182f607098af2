import type { SelectorInput } from './methods/input.js';

/** About how many rows the budget is; where rows have costs, by their mean. */
export function rowsToKeep({ rows, budget, costs }: SelectorInput): number {
  if (costs === undefined) return Math.min(rows, budget);
  let total = 0;
  for (let row = 0; row < rows; row++) total += costs[row];
  return Math.max(1, Math.min(rows, Math.round((budget / total) * rows)));
}
