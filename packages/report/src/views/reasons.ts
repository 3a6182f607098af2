import { formatCount } from '@coreset/core';
import { reasonColour } from './colours.js';
import { figure, px } from './figure.js';
import { type Html, html } from './html.js';
import { percent, type ReasonCount } from './summary.js';
import { table } from './table.js';

const BAR = 120;

/** Why rows were dropped, and what each reason means. */
export function reasonsTable(rows: number, reasons: (ReasonCount & { meaning: string })[]): Html {
  const most = Math.max(1, ...reasons.map(({ count }) => count));
  return table(
    [
      { heading: 'reason' },
      { heading: 'rows', isNumber: true },
      { heading: 'of all', isNumber: true },
      { heading: '' },
      { heading: 'what it says' },
    ],
    reasons.map(({ reason, count, meaning }) => [
      reason,
      formatCount(count),
      percent(count, rows),
      figure(
        { width: BAR, height: 12, alt: '' },
        html`<rect width="${px(Math.max(1, (BAR * count) / most))}" height="12" rx="2" fill="${reasonColour(reason)}"/>`,
      ),
      meaning,
    ]),
  );
}
