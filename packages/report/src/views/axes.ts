import type { ScaleLinear } from 'd3-scale';
import { INK } from './colours.js';
import { px } from './figure.js';
import { type Html, html } from './html.js';

/** The box that data are drawn in. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export type Scale = ScaleLinear<number, number>;

/** Ticks below the box, and what they count at its right end. */
export function bottomAxis(scale: Scale, box: Box, label: string, format: (value: number) => string): Html {
  const ticks = scale
    .ticks(5)
    .map(
      (tick) => html`<text x="${px(scale(tick))}" y="${box.bottom + 16}" text-anchor="middle">${format(tick)}</text>`,
    );
  return html`<path d="M${box.left} ${box.bottom}.5H${box.right}" stroke="${INK}"/>${ticks}<text x="${box.right}" y="${box.bottom + 32}" text-anchor="end">${label} →</text>`;
}

/** Ticks left of the box with lines through it, and what they count above it. */
export function leftAxis(scale: Scale, box: Box, label: string, format: (value: number) => string): Html {
  const ticks = scale.ticks(4).map((tick) => {
    const y = Math.round(scale(tick)) + 0.5;
    return html`<path d="M${box.left} ${y}H${box.right}" stroke="${INK}" stroke-opacity="0.25"/><text x="${box.left - 6}" y="${y + 4}" text-anchor="end">${format(tick)}</text>`;
  });
  return html`${ticks}<text x="2" y="${box.top - 10}">↑ ${label}</text>`;
}
