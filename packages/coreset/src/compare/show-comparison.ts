import type { MimeBundle } from '@coreset/core';
import { comparisonView, type Measure } from '@coreset/report';
import type { Comparison } from './comparison.js';
import { comparisonTable, HEADINGS, type Metric, metricsOf, TITLES } from './comparison-report.js';

const BETTER: Partial<Record<Metric, Measure['better']>> = {
  accuracy: 'more',
  aucpr: 'less',
  maxRadius: 'less',
  clusterCoverage: 'more',
  nearDuplicates: 'less',
};

/** The comparison as tables, a block per budget, in the order of the methods. */
export function showComparison(comparisons: Comparison[]): MimeBundle {
  const measures = metricsOf(comparisons).map((name) => ({
    name,
    heading: HEADINGS[name],
    meaning: TITLES[name],
    better: BETTER[name],
  }));
  const methods = comparisons.map(({ method, keep, kept, ...values }) => ({ method, keep, kept, values }));
  return { 'text/html': comparisonView(methods, measures).text, 'text/plain': comparisonTable(comparisons).join('\n') };
}
