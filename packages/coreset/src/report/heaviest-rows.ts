import type { Results } from '../results/results.js';

/** Rows of the table of the largest groups, and examples of each, as the page shows them. */
const GROUPS = 200;
const EXAMPLES = 3;

/** The kept rows that stand for most others, and for each some of those. */
export function heaviestRows({ weight, by, duplicateOf }: Pick<Results, 'weight' | 'by' | 'duplicateOf'>): number[] {
  const heavy = Array.from(weight.keys())
    .filter((row) => weight[row] > 1)
    .sort((a, b) => weight[b] - weight[a] || a - b)
    .slice(0, GROUPS);
  const examples = new Map<number, number[]>(heavy.map((row) => [row, []]));
  for (let row = 0; row < by.length; row++) {
    const listed = examples.get(by[row] >= 0 ? by[row] : duplicateOf[row]);
    if (listed && listed.length < EXAMPLES) listed.push(row);
  }
  return Array.from(examples, ([row, listed]) => [row, ...listed]).flat();
}
