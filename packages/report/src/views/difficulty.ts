import { formatCount } from '@coreset/core';
import { scaleLinear } from 'd3-scale';
import { type Box, bottomAxis, leftAxis } from './axes.js';
import { DROPPED, KEPT } from './colours.js';
import { figure, px } from './figure.js';
import { type Html, html } from './html.js';
import { legend } from './legend.js';

/** Rows by difficulty, in bins of equal width from 0 to 1. */
export interface DifficultyBins {
  all: ArrayLike<number>;
  kept: ArrayLike<number>;
}

/** A histogram: the rows kept in front of all rows. */
export function difficultyFigure(
  { all, kept }: DifficultyBins,
  { width = 400, height = 200 }: { width?: number; height?: number } = {},
): Html {
  const box: Box = { left: 50, right: width - 14, top: 26, bottom: height - 40 };
  const x = scaleLinear([0, 1], [box.left, box.right]);
  const y = scaleLinear([0, Math.max(1, ...Array.from(all))], [box.bottom, box.top]).nice(4);
  const bars = (counts: ArrayLike<number>, colour: string, opacity: number): Html => {
    const drawn = Array.from(counts, (count, bin) => {
      if (count === 0) return '';
      const left = x(bin / counts.length) + 0.5;
      return `M${px(left)} ${box.bottom}V${px(y(count))}H${px(x((bin + 1) / counts.length) - 0.5)}V${box.bottom}z`;
    });
    return html`<path d="${drawn.join('')}" fill="${colour}" fill-opacity="${opacity}"/>`;
  };
  const names = legend(
    [
      { label: 'kept', colour: KEPT },
      { label: 'all rows', colour: DROPPED },
    ],
    width,
    box.top - 22,
    box.right - 128,
  );
  return figure(
    {
      width,
      height,
      alt: `Histogram of difficulty: of ${formatCount(sum(all))} rows ${formatCount(sum(kept))} are kept`,
    },
    leftAxis(y, box, 'rows', formatCount),
    bars(all, DROPPED, 0.55),
    bars(kept, KEPT, 1),
    bottomAxis(x, box, 'difficulty', (value) => value.toFixed(1)),
    names.content,
  );
}

function sum(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((total, count) => total + count, 0);
}
