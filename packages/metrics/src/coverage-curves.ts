import {
  CoresetError,
  greatestMagnitude,
  meanRow,
  openVectors,
  range,
  requireInteger,
  requireKnownOptions,
  requireListed,
  requireVectors,
  rowBuffer,
  sampleRows,
  scaledBy,
  scaleFor,
  seededRandom,
  stoppedByCell,
  subtractRow,
  type Vectors,
} from '@coreset/core';
import { compileModel, floatTensor, negativeSquaredNorms, productModel } from '@coreset/kernels';

/** How well orders of picks cover all rows at growing budgets. */
export interface CoverageCurves {
  /** Rows kept, ascending. */
  budgets: Int32Array;
  /** Per order and budget the mean Euclidean distance of a row to the nearest of so many first picks. Less is better. */
  distances: Float64Array[];
}

/** Options of {@link coverageCurves}. */
export interface CoverageCurvesOptions {
  /** Budgets at most, evenly spaced up to the number of picks; below the first of them there are 1, 2, 4, 8 and so on too. Default: 40. */
  points?: number;
  /** Rows whose distances are measured. Default: as many as take about a second, 200 to 1,000. */
  sampleSize?: number;
  /** Seed of the sample. Default: 0. */
  seed?: number;
  signal?: AbortSignal;
}

/** Every option of {@link CoverageCurvesOptions}. */
export const COVERAGE_CURVES_OPTIONS: Readonly<Record<keyof CoverageCurvesOptions, true>> = {
  points: true,
  sampleSize: true,
  seed: true,
  signal: true,
};

const MOST_SAMPLED = 1000;
const LEAST_SAMPLED = 200;
const MOST_PRODUCTS = 1.2e10;
/** Added to the seed: the sample differs from the first picks of the method random with the same seed. */
const OF_SAMPLE = 0x5a3b1e;
const BLOCK_ROWS = 1024;

/**
 * Mean distance to the nearest kept row (AUCpr of `coverage`) over a sample of the rows, for every beginning of some
 * orders of picks at once. Memory: a block of rows and the sample, never all vectors.
 *
 * @param vectors rows × cols
 * @param orders picks of as many rows each, at least one
 * @throws CoresetError when the orders are not of one length above 0
 */
export async function coverageCurves(
  vectors: Vectors,
  orders: Int32Array[],
  given: CoverageCurvesOptions = {},
): Promise<CoverageCurves> {
  requireKnownOptions('coverageCurves', given, COVERAGE_CURVES_OPTIONS);
  const options = stoppedByCell(given);
  const { points = 40, seed = 0 } = options;
  requireInteger('points', points, 1);
  if (options.sampleSize !== undefined) requireInteger('sampleSize', options.sampleSize, 1);
  requireVectors(vectors);
  const { rows, cols } = vectors;
  for (const order of orders) requireListed(order, rows);
  const picks = orders[0]?.length ?? 0;
  if (picks === 0 || orders.some(({ length }) => length !== picks))
    throw new CoresetError('coverage curves need orders of the same number of picks, at least one');
  const budgets = budgetsUpTo(picks, Math.min(points, picks));
  const count = budgets.length;
  const curves = orders.map((order) => firstBudgets(order, budgets, rows));
  const picked = range(0, rows).filter((row) => curves.some((first) => first[row] < count));
  const { sampleSize = curveSample(picked.length * cols) } = options;
  const sample = sampleRows(rows, sampleSize, seededRandom(seed, OF_SAMPLE));
  const least = orders.map(() => new Float32Array(count * sample.length).fill(Number.POSITIVE_INFINITY));
  const scale = await forEachBlockOfSquares(vectors, picked, sample, (squares, block) => {
    options.signal?.throwIfAborted();
    for (let o = 0; o < orders.length; o++) lowerLeast(least[o], curves[o], squares, block, sample.length);
  });
  return { budgets, distances: least.map((squares) => meanDistances(squares, count, scale)) };
}

/**
 * Lower the least squared distances of the sample, per budget, to the distances to the rows of a block that this budget is the
 * first to keep.
 */
function lowerLeast(
  least: Float32Array,
  first: Int32Array,
  squares: Float32Array,
  block: Int32Array,
  size: number,
): void {
  for (let i = 0; i < block.length; i++) {
    const start = first[block[i]] * size;
    if (start === least.length) continue; // in no budget of this order
    for (let s = 0; s < size; s++) least[start + s] = Math.min(least[start + s], squares[i * size + s]);
  }
}

/** Evenly spaced, and powers of two below the first: distances fall most there. */
function budgetsUpTo(picks: number, count: number): Int32Array {
  const even = Array.from({ length: count }, (_, p) => Math.ceil(((p + 1) * picks) / count));
  const small = Array.from({ length: Math.ceil(Math.log2(even[0])) }, (_, power) => 2 ** power);
  return Int32Array.from([...small, ...even]);
}

/** The default size of the sample. @param numbers picked rows × cols */
export function curveSample(numbers: number): number {
  return Math.max(LEAST_SAMPLED, Math.min(MOST_SAMPLED, Math.floor(MOST_PRODUCTS / numbers)));
}

/** Per row the index of the first budget that keeps it; the number of budgets where none does. */
function firstBudgets(order: Int32Array, budgets: Int32Array, rows: number): Int32Array {
  const first = new Int32Array(rows).fill(budgets.length);
  for (let pick = 0, budget = 0; pick < order.length; pick++) {
    if (pick === budgets[budget]) budget++;
    first[order[pick]] = budget;
  }
  return first;
}

/**
 * Squared distances of blocks of the listed rows to all rows of a sample, block × sample.
 * @returns what the distances are multiplied by, so that no square overflows
 */
async function forEachBlockOfSquares(
  vectors: Vectors,
  listed: Int32Array,
  sample: Int32Array,
  visit: (squares: Float32Array, block: Int32Array) => void,
): Promise<number> {
  const { cols } = vectors;
  const size = sample.length;
  const kernel = await compileModel(productModel(cols));
  const reader = openVectors(vectors);
  try {
    let sampled = reader.gather(sample);
    // Far from the origin, squares of distances would be small differences of large numbers.
    const centre = meanRow(sampled, cols);
    subtractRow(sampled, centre);
    const scale = scaleFor(greatestMagnitude(sampled));
    sampled = scaledBy(sampled, scale);
    const sampleNorms = negativeSquaredNorms(sampled, cols);
    const room = rowBuffer(cols);
    for (let start = 0; start < listed.length; start += BLOCK_ROWS) {
      const block = listed.subarray(start, start + BLOCK_ROWS);
      const gathered = reader.gather(block, room(block.length));
      subtractRow(gathered, centre);
      const values = scaledBy(gathered, scale);
      const norms = negativeSquaredNorms(values, cols);
      const { products } = await kernel.run({
        left: floatTensor(values, [block.length, cols]),
        right: floatTensor(sampled, [size, cols]),
      });
      const squares = products.data as Float32Array;
      for (let i = 0, at = 0; i < block.length; i++) {
        for (let s = 0; s < size; s++, at++) {
          squares[at] = block[i] === sample[s] ? 0 : Math.max(0, -norms[i] - sampleNorms[s] - 2 * squares[at]);
        }
      }
      visit(squares, block);
    }
    return scale;
  } finally {
    reader.close();
    await kernel.release();
  }
}

/** Per budget the mean distance of the sample to the rows that it and the smaller budgets keep. */
function meanDistances(squares: Float32Array, count: number, scale: number): Float64Array {
  const size = squares.length / count;
  const nearest = new Float32Array(size).fill(Number.POSITIVE_INFINITY);
  return Float64Array.from({ length: count }, (_, budget) => {
    let sum = 0;
    for (let s = 0; s < size; s++) {
      nearest[s] = Math.min(nearest[s], squares[budget * size + s]);
      sum += Math.sqrt(nearest[s]);
    }
    return sum / size / scale;
  });
}
