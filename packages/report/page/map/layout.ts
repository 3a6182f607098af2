import type { ShownRows } from '../../src/report-data.ts';

/** The share of the height, or width, that points take. */
const FILLED = 0.94;

/** Places on the map for a canvas: from −1 to 1 upwards, and as far to the sides as it is wider. The middle of the rows is 0. */
export function fitted({ x, y }: Pick<ShownRows, 'x' | 'y'>, aspect: number): { x: Float32Array; y: Float32Array } {
  const [left, right] = ends(x);
  const [bottom, top] = ends(y);
  const scale = (2 * FILLED) / Math.max((right - left) / aspect, top - bottom, 1e-12);
  return {
    x: x.map((at) => (at - (left + right) / 2) * scale),
    y: y.map((at) => (at - (bottom + top) / 2) * scale),
  };
}

function ends(values: Float32Array): [least: number, greatest: number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return values.length === 0 ? [0, 0] : [least, greatest];
}
