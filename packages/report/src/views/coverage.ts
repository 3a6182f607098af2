import { formatCount } from '@coreset/core';
import { scaleLinear } from 'd3-scale';
import { type Box, bottomAxis, leftAxis } from './axes.js';
import { KEPT, RANDOM } from './colours.js';
import { figure, px } from './figure.js';
import { type Html, html } from './html.js';
import { legend } from './legend.js';

/** Mean Euclidean distance of a row to the nearest kept row, by the number of rows kept, ascending. */
export interface CoverageBesideRandom {
  budgets: ArrayLike<number>;
  kept: ArrayLike<number>;
  random: ArrayLike<number>;
}

/** Both curves. */
export function coverageFigure(
  coverage: CoverageBesideRandom,
  { width = 400, height = 200 }: { width?: number; height?: number } = {},
): Html {
  const { budgets, kept, random } = coverage;
  const box: Box = { left: 50, right: width - 12, top: 26, bottom: height - 40 };
  const all = [...Array.from(kept), ...Array.from(random)];
  const x = scaleLinear([0, budgets[budgets.length - 1]], [box.left, box.right]);
  const y = scaleLinear([Math.min(...all), Math.max(...all)], [box.bottom, box.top]).nice(4);
  const line = (values: ArrayLike<number>, colour: string): Html => {
    const points = Array.from(values, (value, b) => `${px(x(budgets[b]))} ${px(y(value))}`);
    return html`<path d="M${points.join('L')}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`;
  };
  const names = legend(
    [
      { label: 'these picks', colour: KEPT },
      { label: 'at random', colour: RANDOM },
    ],
    width,
    box.top - 22,
    box.right - 190,
  );
  return figure(
    { width, height, alt: coverageText(coverage) },
    leftAxis(y, box, 'mean distance', y.tickFormat(4)),
    line(random, RANDOM),
    line(kept, KEPT),
    bottomAxis(x, box, 'rows kept, in the order of picks', formatCount),
    names.content,
  );
}

/** Both ends in words, and how many picks cover as well as all of the random ones. */
export function coverageText({ budgets, kept, random }: CoverageBesideRandom): string {
  const last = kept.length - 1;
  const enough = Array.from(kept).findIndex((distance) => distance <= random[last]);
  const saved = enough >= 0 && enough < last ? `, which the first ${formatCount(budgets[enough])} picks reach` : '';
  return `Mean distance of a row to the nearest kept row: ${kept[last].toFixed(3)}; with as many rows kept at random: ${random[last].toFixed(3)}${saved}.`;
}
