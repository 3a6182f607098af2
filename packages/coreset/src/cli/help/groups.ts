import type { Option } from 'commander';

/** Headings of options in the order of the help. */
export const GROUPS = {
  input: 'Input:',
  model: 'Model:',
  budget: 'Budget:',
  selection: 'Selection:',
  steering: 'Steering:',
  others: 'Other files:',
  output: 'Output:',
  advanced: 'Advanced:',
  d2: 'Advanced, D2:',
  help: 'Help:',
} as const;

const ORDER: readonly string[] = Object.values(GROUPS);

/** What every command has stands at the end of its group. */
const COMMON = ['--json', '--quiet', '--verbose', '--threads'];

/** Sort headings, those that are not listed above first, and their options. */
export function inOrder(groups: Map<string, Option[]>): Map<string, Option[]> {
  const isCommon = ({ long }: Option): number => Number(COMMON.includes(long ?? ''));
  const sorted = [...groups].sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return new Map(sorted.map(([heading, options]) => [heading, options.toSorted((a, b) => isCommon(a) - isCommon(b))]));
}
