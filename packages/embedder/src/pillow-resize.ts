import { CoresetError } from '@coreset/core';
import type { Pixels } from './image-file.js';

/** A filter of Pillow: a weight by distance from the centre, zero beyond `support`; both in pixels of the smaller picture. */
interface Filter {
  support: number;
  weight(x: number): number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters */
const FILTERS = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: (x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} satisfies Record<string, Filter>;

/** Keys' cubic convolution with a = −0.5. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/** Filters by their numbers in Pillow, as `resample` of a preprocessor_config.json says them. */
const BY_NUMBER = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** Weights are whole numbers of this part of 1, as in Pillow. */
const BITS = 22;
const HALF = 1 << (BITS - 1);

/**
 * Resize a picture as Pillow's `Image.resize` does: when it gets smaller, each pixel is a mean over all that it covers.
 * Columns come first, and are rounded before the rows.
 *
 * @param resample a filter of Pillow, by its number or name
 * @returns the same bits as Pillow
 * @throws CoresetError for a filter that Pillow has not
 */
export function resizeLikePillow(picture: Pixels, width: number, height: number, resample: number | string): Pixels {
  const name = typeof resample === 'number' ? BY_NUMBER[resample] : resample;
  if (name === 'nearest') return nearest(picture, width, height);
  if (name === undefined || !Object.hasOwn(FILTERS, name))
    throw new CoresetError(`resample ${resample} is not known; use 0 to 5 or one of ${BY_NUMBER.join(', ')}`);
  const filter = FILTERS[name as keyof typeof FILTERS];
  const narrowed = picture.width === width ? picture : resizeColumns(picture, width, filter);
  return narrowed.height === height ? narrowed : resizeRows(narrowed, height, filter);
}

function nearest({ data, ...size }: Pixels, width: number, height: number): Pixels {
  const columns = nearestPlaces(size.width, width);
  const rows = nearestPlaces(size.height, height);
  const result = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) result[3 * (y * width + x) + c] = data[3 * (rows[y] * size.width + columns[x]) + c];
  return { data: result, width, height };
}

function nearestPlaces(from: number, to: number): Int32Array {
  const places = new Int32Array(to);
  // Added up as in Pillow: halfway between two pixels its rounding decides.
  let place = (from / to) * 0.5;
  for (let i = 0; i < to; i++, place += from / to) places[i] = Math.min(from - 1, Math.floor(place));
  return places;
}

/** What the pixels of a line are made of: pixel `i` of those from `first[i]` on, weighted by `weights[i]`. */
interface Weights {
  first: Int32Array;
  weights: Int32Array[];
}

function weightsOf(from: number, to: number, { support, weight }: Filter): Weights {
  const scale = from / to;
  const spread = Math.max(1, scale);
  const first = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    first[i] = Math.max(0, Math.floor(centre - support * spread + 0.5));
    const end = Math.min(from, Math.floor(centre + support * spread + 0.5));
    const values = Array.from({ length: end - first[i] }, (_, k) => weight((first[i] + k - centre + 0.5) / spread));
    const sum = values.reduce((total, value) => total + value, 0);
    return Int32Array.from(values, (value) => roundAwayFromZero((value / sum) * (1 << BITS)));
  });
  return { first, weights };
}

function roundAwayFromZero(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

function resizeColumns({ data, width: from, height }: Pixels, width: number, filter: Filter): Pixels {
  const { first, weights } = weightsOf(from, width, filter);
  const result = new Uint8ClampedArray(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = weights[x];
      let at = 3 * (y * from + first[x]);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = 0; k < own.length; k++) {
        red += Math.imul(data[at++], own[k]);
        green += Math.imul(data[at++], own[k]);
        blue += Math.imul(data[at++], own[k]);
      }
      const to = 3 * (y * width + x);
      result[to] = red >> BITS;
      result[to + 1] = green >> BITS;
      result[to + 2] = blue >> BITS;
    }
  }
  return { data: result, width, height };
}

function resizeRows({ data, width, height: from }: Pixels, height: number, filter: Filter): Pixels {
  const { first, weights } = weightsOf(from, height, filter);
  const length = 3 * width;
  const result = new Uint8ClampedArray(length * height);
  const sums = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (const [k, weight] of weights[y].entries()) {
      const start = (first[y] + k) * length;
      for (let i = 0; i < length; i++) sums[i] += Math.imul(data[start + i], weight);
    }
    for (let i = 0; i < length; i++) result[y * length + i] = sums[i] >> BITS;
  }
  return { data: result, width, height };
}
