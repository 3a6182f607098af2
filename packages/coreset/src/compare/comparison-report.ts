import { join } from 'node:path';
import { writeFileAtomic } from '@coreset/core';
import * as Plot from '@observablehq/plot';
import { stringify } from 'csv-stringify/sync';
import { parseHTML } from 'linkedom';
import type { Comparison, Spread } from './comparison.js';
import { measuresOf } from './comparison-table.js';
import { MEASURES, type Measure } from './measures.js';

function chart(comparisons: Comparison[], measure: Measure, rows: number): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const points = comparisons.map(({ method, kept, [measure]: spread }) => {
    const { mean, deviation } = spread as Spread;
    return { method, share: kept / rows, mean, low: mean - deviation, high: mean + deviation };
  });
  const svg = Plot.plot({
    document: document as never,
    width: 760,
    height: 440,
    marginRight: 130,
    x: { type: 'log', label: 'share kept', tickFormat: '~%', ticks: [...new Set(points.map(({ share }) => share))] },
    y: { label: MEASURES[measure].title, grid: true },
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

/** Write `compare.json`, `compare.csv` and one SVG per measure. @returns the paths */
export async function writeComparison(folder: string, comparisons: Comparison[], rows: number): Promise<string[]> {
  const measures = measuresOf(comparisons);
  const differs = comparisons.some(({ method }) => method === 'random')
    ? measures.filter((measure) => MEASURES[measure].better !== undefined)
    : [];
  const records = comparisons.map(({ method, keep, kept, versus, ...one }) => [
    method,
    String(keep),
    kept,
    ...measures.flatMap((measure) => [one[measure]?.mean, one[measure]?.deviation]),
    ...differs.flatMap((measure) => [versus[measure]?.random?.mean, versus[measure]?.random?.error]),
  ]);
  const columns = [
    ...['method', 'keep', 'kept'],
    ...measures.flatMap((measure) => [measure, `${measure}_deviation`]),
    ...differs.flatMap((measure) => [`${measure}_less_random`, `${measure}_less_random_error`]),
  ];
  const files: [string, string][] = [
    ['compare.json', `${JSON.stringify(comparisons, null, 2)}\n`],
    ['compare.csv', stringify(records, { header: true, columns })],
    ...measures.map((measure): [string, string] => [`compare-${measure}.svg`, chart(comparisons, measure, rows)]),
  ];
  for (const [name, content] of files) await writeFileAtomic(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}
