/** The share of the height, or width, that points take. */
const FILLED = 0.94;
/** The share of rows at each end that may lie outside. */
const APART = 0.0005;

/** Places on the map for a canvas: from −1 to 1 upwards, and as far to the sides as it is wider. The middle of the rows is 0, and NaN stays. */
export function fitted(
  { x, y }: { x: Float32Array; y: Float32Array },
  aspect: number,
): { x: Float32Array; y: Float32Array } {
  const [left, right] = ends(x);
  const [bottom, top] = ends(y);
  const scale = (2 * FILLED) / Math.max((right - left) / aspect, top - bottom, 1e-12);
  return {
    x: x.map((at) => (at - (left + right) / 2) * scale),
    y: y.map((at) => (at - (bottom + top) / 2) * scale),
  };
}

/** Without the few rows that lie apart. */
function ends(values: Float32Array): [least: number, greatest: number] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const apart = Math.floor(sorted.length * APART);
  return sorted.length === 0 ? [0, 0] : [sorted[apart], sorted[sorted.length - 1 - apart]];
}
