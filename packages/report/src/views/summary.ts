import { formatCount } from '@coreset/core';
import { KEPT, reasonColour } from './colours.js';
import { figure, px } from './figure.js';
import { type Html, html } from './html.js';
import { type LegendEntry, legend } from './legend.js';

/** How many rows were dropped for a reason. */
export interface ReasonCount {
  reason: string;
  count: number;
}

/** What a run kept, in numbers. */
export interface Summary {
  rows: number;
  kept: number;
  method: string;
  /** In the order shown. */
  reasons: ReasonCount[];
  /** Mean Euclidean distance of a row to the nearest kept row, and were as many kept at random. */
  meanDistance?: { kept: number; random: number };
  /** What people should know of the rows, a line each. */
  notes?: string[];
}

const WIDTH = 860;
const BAR = 18;

/** As a line of text. */
export function summaryText({ rows, kept, method, reasons }: Summary): string {
  const dropped = reasons.map(({ reason, count }) => `${formatCount(count)} ${reason}`).join(', ');
  return `kept ${formatCount(kept)} of ${formatCount(rows)} rows (${percent(kept, rows)}) by ${method}${dropped && `; dropped ${dropped}`}`;
}

/** A line, a bar of what was kept and why the rest was dropped, and what to know. */
export function summaryView(summary: Summary): Html {
  const { rows, kept, method, meanDistance, notes = [] } = summary;
  const farther = meanDistance && meanDistance.random > 0 ? 1 - meanDistance.kept / meanDistance.random : undefined;
  const nearer =
    farther === undefined || method === 'random'
      ? undefined
      : html` A row lies on the mean ${Math.abs(100 * farther).toFixed(0)} % ${farther < 0 ? 'farther from' : 'nearer to'} a kept row than if as many were kept at random.`;
  return html`<p><b>Kept ${formatCount(kept)} of ${formatCount(rows)} rows</b> (${percent(kept, rows)}) by <code>${method}</code>.${nearer}</p>\n${bar(summary)}${notes.map((note) => html`\n<p>${note}</p>`)}`;
}

function bar(summary: Summary): Html {
  const { rows, kept, reasons } = summary;
  const parts: (LegendEntry & { count: number })[] = [
    { label: `kept ${formatCount(kept)}`, colour: KEPT, count: kept },
    ...reasons.map(({ reason, count }) => ({
      label: `${reason} ${formatCount(count)}`,
      colour: reasonColour(reason),
      count,
    })),
  ];
  let start = 0;
  const drawn = parts.map(({ count, colour }) => {
    const x = (WIDTH * start) / rows;
    start += count;
    const wide = (WIDTH * count) / rows;
    return html`<rect x="${px(x)}" y="0" width="${px(Math.max(0.5, wide - 1))}" height="${BAR}" fill="${colour}"/>`;
  });
  const names = legend(parts, WIDTH, BAR + 6);
  return figure({ width: WIDTH, height: BAR + 6 + names.height, alt: summaryText(summary) }, drawn, names.content);
}

/** A share of all as `30.0 %`. */
export function percent(part: number, all: number): string {
  return `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;
}
