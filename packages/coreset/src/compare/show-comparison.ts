import type { MimeBundle } from '@coreset/core';
import { comparisonView, type MeasuredValue } from '@coreset/report';
import picocolors from 'picocolors';
import type { Comparison } from './comparison.js';
import { comparisonLegend, headingOf, MARKS } from './comparison-legend.js';
import { comparisonTable, marksOf, measuresOf, sorted } from './comparison-table.js';
import type { Measure } from './measures.js';

const OPTION = 'seeds: ';

/** The comparison as tables, one per budget, the best method by the first measure on top. */
export function showComparison(comparisons: readonly Comparison[]): MimeBundle {
  const measures = measuresOf(comparisons);
  const methods = [...new Set(comparisons.map(({ keep }) => keep))].flatMap((budget) => {
    const block = comparisons.filter(({ keep }) => keep === budget);
    return sorted(block, measures[0]).map((one) => ({
      method: one.method,
      keep: one.keep,
      kept: one.kept,
      values: Object.fromEntries(measures.map((measure) => [measure, measured(one, measure)])),
    }));
  });
  const headings = measures.map((name) => ({ name, heading: headingOf(name) }));
  return {
    'text/html': comparisonView(methods, headings, comparisonLegend(comparisons, measures, OPTION)).text,
    'text/plain': comparisonTable(comparisons, picocolors.createColors(false), undefined, OPTION).join('\n'),
  };
}

function measured(one: Comparison, measure: Measure): MeasuredValue | undefined {
  const spread = one[measure];
  if (spread === undefined) return undefined;
  const marks = marksOf(one, measure, spread);
  return { ...spread, isBest: marks.includes(MARKS.best), marks };
}
