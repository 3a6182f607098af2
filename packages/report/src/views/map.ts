import { formatCount } from '@coreset/core';
import { figure } from './figure.js';
import { type Html, html } from './html.js';
import { legend } from './legend.js';

/** Rows on a plane: near to one another where their vectors are. */
export interface RowMap {
  /** The place of each row shown. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Which of the groups each row shown is of, the first at the bottom. */
  group: ArrayLike<number>;
  groups: { label: string; colour: string; opacity?: number }[];
  /** The groups in the order of the legend; default: the top one first. */
  legend?: number[];
  /** Rows of the corpus, of which those shown may be a sample. */
  rows: number;
  /** How it was laid out, such as `umap`. */
  method: string;
}

/** More than these are a blot, and a large file. */
export const MAP_POINTS = 5000;

/** Of so large a share of the rows at each side the map may cut off the distance. */
const FAR_OFF = 0.002;

/** A tenth of a pixel, in which points are placed: whole numbers are short. */
const FINE = 10;

/** As a picture. Of more than 5,000 rows every second or third and so on is drawn. */
export function mapFigure(map: RowMap, { width = 440, height = 400 }: { width?: number; height?: number } = {}): Html {
  const { x, y, group, groups, rows, method } = map;
  const named = map.legend?.map((g) => groups[g]) ?? groups.toReversed();
  const every = Math.ceil(x.length / MAP_POINTS);
  const drawn = Math.ceil(x.length / every);
  const toPlane = fitted(map, width, height - 44);
  const size = drawn > 2000 ? 30 : drawn > 500 ? 40 : 60;
  const paths = groups.map(() => '');
  for (let i = 0; i < x.length; i += every) {
    const [left, top] = toPlane(x[i], y[i]);
    paths[group[i]] += `M${left} ${top}h0`;
  }
  const points = groups.map(
    ({ colour, opacity = 0.8 }, g) =>
      html`<path d="${paths[g]}" stroke="${colour}" stroke-opacity="${opacity}" stroke-width="${size}" stroke-linecap="round" transform="scale(${1 / FINE})"/>`,
  );
  const names = legend(named, width, height - 40);
  const note = `${drawn < rows ? `${formatCount(drawn)} of ${formatCount(rows)} rows drawn` : `${formatCount(rows)} rows`}, laid out by ${method}`;
  const alt = `Map of ${formatCount(rows)} rows: ${groups.map(({ label }) => label).join(', ')}`;
  return figure(
    { width, height: height + Math.max(0, names.height - 19), alt },
    points,
    names.content,
    html`<text x="0" y="${height - 8 + Math.max(0, names.height - 19)}" font-size="11">${note}</text>`,
  );
}

/** Both directions by the same factor, in the middle of the picture. */
function fitted({ x, y }: RowMap, width: number, height: number): (x: number, y: number) => [number, number] {
  const [left, right] = rangeOf(x);
  const [low, high] = rangeOf(y);
  const margin = 6;
  const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (high - low));
  const factor = Number.isFinite(scale) ? scale : 1; // all may lie in one place
  const place = (value: number, middle: number, size: number, sign: number): number =>
    Math.round(FINE * Math.min(size - 2, Math.max(2, size / 2 + sign * factor * (value - middle))));
  return (px, py) => [place(px, (left + right) / 2, width, 1), place(py, (low + high) / 2, height, -1)];
}

/** Of values whose few farthest ones may be far off. */
function rangeOf(values: ArrayLike<number>): [number, number] {
  const sorted = Float64Array.from(values).sort();
  const least = Math.floor(sorted.length * FAR_OFF);
  return [sorted[least], sorted[sorted.length - 1 - least]];
}
