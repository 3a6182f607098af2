import { widthOf } from './figure.js';
import { type Html, html } from './html.js';

/** What a colour stands for. */
export interface LegendEntry {
  label: string;
  colour: string;
}

const LINE = 19;
const MARK = 16;
const GAP = 18;

/** Entries side by side in as many lines as they need. @returns them, and how high they are */
export function legend(
  entries: LegendEntry[],
  width: number,
  top: number,
  left = 0,
): { content: Html; height: number } {
  let x = left;
  let y = top;
  const drawn = entries.map(({ label, colour }) => {
    const wide = MARK + widthOf(label);
    if (x > left && x + wide > width) {
      x = left;
      y += LINE;
    }
    const entry = html`<rect x="${x}" y="${y + 2}" width="11" height="11" rx="2" fill="${colour}"/><text x="${x + MARK}" y="${y + 12}">${label}</text>`;
    x = Math.round(x + wide + GAP);
    return entry;
  });
  return { content: html`${drawn}`, height: y + LINE - top };
}
