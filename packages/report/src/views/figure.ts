import { INK } from './colours.js';
import { type Content, type Html, html } from './html.js';

/** The size of a picture in CSS pixels, and what it shows in words. */
export interface FigureOptions {
  width: number;
  height: number;
  alt: string;
}

/**
 * An SVG as an image, which viewers that take SVG out of HTML (GitHub, JupyterLab for notebooks that it does not trust) show
 * too, and whose texts never stand alone.
 */
export function figure({ width, height, alt }: FigureOptions, ...content: Content[]): Html {
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" fill="${INK}">${content}</svg>`;
  const data = Buffer.from(svg.text).toString('base64');
  return html`<img alt="${alt}" width="${width}" height="${height}" style="max-width: 100%; height: auto" src="data:image/svg+xml;base64,${data}">`;
}

/** With one decimal at most, as a coordinate. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** How wide a text of the default size is, roughly. */
export function widthOf(text: string): number {
  return text.length * 6.6;
}
