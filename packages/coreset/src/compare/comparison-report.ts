import { join } from 'node:path';
import { writeFileAtomic } from '@coreset/core';
import * as Plot from '@observablehq/plot';
import { stringify } from 'csv-stringify/sync';
import { parseHTML } from 'linkedom';
import type { Comparison, Spread } from './comparison.js';

/** A measured column of a comparison. */
export type Metric =
  | 'aucpr'
  | 'maxRadius'
  | 'clusterCoverage'
  | 'nearDuplicates'
  | 'difficulty'
  | 'labelBalance'
  | 'accuracy';

export const TITLES: Record<Metric, string> = {
  accuracy: 'linear probe accuracy',
  aucpr: 'AUCpr (mean distance to nearest kept row, less is better)',
  maxRadius: 'maximum radius (less is better)',
  clusterCoverage: 'clusters covered',
  nearDuplicates: 'kept rows with a kept near-duplicate',
  difficulty: 'mean difficulty',
  labelBalance: 'label balance',
};

export const HEADINGS: Record<Metric, string> = {
  accuracy: 'accuracy',
  aucpr: 'AUCpr',
  maxRadius: 'max radius',
  clusterCoverage: 'clusters',
  nearDuplicates: 'near-dups',
  difficulty: 'difficulty',
  labelBalance: 'balance',
};

export function metricsOf(comparisons: Comparison[]): Metric[] {
  return (Object.keys(TITLES) as Metric[]).filter((metric) => comparisons[0]?.[metric] !== undefined);
}

function cell(spread: Spread | undefined): string {
  if (spread === undefined) return '';
  return spread.deviation > 0 ? `${spread.mean.toFixed(3)} ±${spread.deviation.toFixed(3)}` : spread.mean.toFixed(3);
}

/** The comparison as an aligned table, a block per budget, the best method by the first metric on top. */
export function comparisonTable(comparisons: Comparison[]): string[] {
  const metrics = metricsOf(comparisons);
  const lines: string[] = [];
  for (const keep of new Set(comparisons.map((one) => one.keep))) {
    const block = comparisons.filter((one) => one.keep === keep);
    const better = metrics[0] === 'accuracy' ? -1 : 1;
    block.sort((a, b) => better * ((a[metrics[0]]?.mean ?? 0) - (b[metrics[0]]?.mean ?? 0)));
    const table = [
      [`keep ${keep}`, 'rows', ...metrics.map((metric) => HEADINGS[metric])],
      ...block.map((one) => [one.method, String(one.kept), ...metrics.map((metric) => cell(one[metric]))]),
    ];
    const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
    if (lines.length > 0) lines.push('');
    lines.push(
      ...table.map((row) =>
        row
          .map((text, column) => text.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      ),
    );
  }
  return lines;
}

function chart(comparisons: Comparison[], metric: Metric, rows: number): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const points = comparisons.map(({ method, kept, [metric]: spread }) => {
    const { mean, deviation } = spread as Spread;
    return { method, share: kept / rows, mean, low: mean - deviation, high: mean + deviation };
  });
  const svg = Plot.plot({
    document: document as never,
    width: 760,
    height: 440,
    marginRight: 130,
    x: { type: 'log', label: 'share kept', tickFormat: '~%', ticks: [...new Set(points.map(({ share }) => share))] },
    y: { label: TITLES[metric], grid: true },
    color: { scheme: 'tableau10' },
    marks: [
      Plot.ruleX(points, { x: 'share', y1: 'low', y2: 'high', stroke: 'method', strokeOpacity: 0.4 }),
      Plot.lineY(points, { x: 'share', y: 'mean', z: 'method', stroke: 'method' }),
      Plot.dot(points, { x: 'share', y: 'mean', fill: 'method', r: 2.5 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: 'share',
          y: 'mean',
          z: 'method',
          text: 'method',
          fill: 'method',
          textAnchor: 'start',
          dx: 6,
        }),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}

/** Write `compare.json`, `compare.csv` and one SVG per metric. @returns the paths */
export async function writeComparison(folder: string, comparisons: Comparison[], rows: number): Promise<string[]> {
  const metrics = metricsOf(comparisons);
  const records = comparisons.map(({ method, keep, kept, ...one }) => [
    method,
    String(keep),
    kept,
    ...metrics.flatMap((metric) => [one[metric]?.mean, one[metric]?.deviation]),
  ]);
  const columns = ['method', 'keep', 'kept', ...metrics.flatMap((metric) => [metric, `${metric}_deviation`])];
  const files: [string, string][] = [
    ['compare.json', `${JSON.stringify(comparisons, null, 2)}\n`],
    ['compare.csv', stringify(records, { header: true, columns })],
    ...metrics.map((metric): [string, string] => [`compare-${metric}.svg`, chart(comparisons, metric, rows)]),
  ];
  for (const [name, content] of files) await writeFileAtomic(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}
