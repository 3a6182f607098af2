import type { ComparisonLegend } from '@coreset/report';
import type { Comparison } from './comparison.js';
import { MEASURES, type Measure } from './measures.js';

/** What stands behind a value. */
export const MARKS = { best: '*', asBest: '~', asRandom: 'r' } as const;

/** With fewer seeds only large differences are told from noise. */
const FEW_SEEDS = 5;

/** A measure, and which side is better. */
export function headingOf(measure: Measure): string {
  const { heading, better } = MEASURES[measure];
  return better === undefined ? heading : `${heading} ${better === 'greater' ? '↑' : '↓'}`;
}

/** How the number of seeds is given: to the command, or to the function. */
export type SeedsOption = '--seeds ' | 'seeds: ';

/** What the columns and marks of a comparison say, and what they do not. */
export function comparisonLegend(
  comparisons: readonly Comparison[],
  measures: readonly Measure[],
  option: SeedsOption,
): ComparisonLegend {
  const seeds = comparisons[0]?.[measures[0]]?.values.length ?? 0;
  const spread = { sign: '±', meaning: `standard deviation over ${seeds} seeds, where it is 0.001 or more` };
  return {
    signs: [
      ...measures.map((measure) => ({ sign: headingOf(measure), meaning: MEASURES[measure].legend })),
      { sign: '↑ ↓', meaning: 'greater is better, less is better' },
      ...(seeds < 2 ? [] : [spread]),
    ],
    notes: notesOf(comparisons, measures, seeds, option),
  };
}

function notesOf(
  comparisons: readonly Comparison[],
  measures: readonly Measure[],
  seeds: number,
  option: SeedsOption,
): string[] {
  const hasRandom = comparisons.some(({ method }) => method === 'random');
  const baseline = hasRandom ? [] : ['random is not among the methods; with it the table says what choosing is worth'];
  if (seeds < 2) return [`one seed: what is noise cannot be told; give ${option}3 or more`, ...baseline];
  const chance = measures.includes('accuracy') ? 'seeds and splits' : 'the seeds';
  const marks = [
    `${MARKS.best} best`,
    `${MARKS.asBest} not told from the best`,
    ...(hasRandom ? [`${MARKS.asRandom} not told from random`] : []),
  ];
  return [
    marks.join(', '),
    "Not told: chance can explain the difference (by seed, Student's t, 95 % each).",
    `Chance is that of ${chance}: all share these rows, and other rows may differ more.`,
    ...(seeds < FEW_SEEDS ? [`${seeds} seeds tell only large differences; ${option}10 tells smaller ones.`] : []),
    ...baseline,
  ];
}
