import type { Selection } from '../selection.js';
import { greatestFirst, need, type SelectorInput, selectionFromOrder } from './input.js';

/**
 * Moderate coreset (Xia et al. 2023): the rows whose distance to their prototype is closest to the median
 * first; the median of its class where rows have labels, of all rows otherwise.
 */
export function moderate(input: SelectorInput): Selection {
  const scores = need(input, 'scores', 'moderate');
  const { rows, budget, labels } = input;
  const groups = new Map<number, number[]>();
  for (let i = 0; i < rows; i++) {
    const label = labels ? labels[i] : 0;
    const group = groups.get(label);
    if (group) group.push(scores[i]);
    else groups.set(label, [scores[i]]);
  }
  const medians = new Map(Array.from(groups, ([label, values]) => [label, median(values)]));
  const closeness = Float64Array.from(
    { length: rows },
    (_, i) => -Math.abs(scores[i] - (medians.get(labels ? labels[i] : 0) ?? 0)),
  );
  return selectionFromOrder(greatestFirst(closeness, budget), rows, closeness);
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
