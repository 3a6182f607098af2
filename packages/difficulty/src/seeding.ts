import {
  createMatrix,
  greatestMagnitude,
  inParts,
  inTurns,
  type Matrix,
  type Random,
  type Steps,
  scaledBy,
  scaleFor,
  sumOfSquares,
} from '@coreset/core';
import { compileModel, floatTensor, type InferenceSession, productModel } from '@coreset/kernels';

/** With so many prototypes or more, several are chosen at once. */
const ONE_AT_A_TIME = 64;

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007): each further prototype is a row drawn with probability
 * proportional to its squared distance from the nearest prototype so far; of a few rows drawn the one that
 * lowers the sum of these distances most is taken. Of many prototypes a 64th is taken at once, since the few that
 * join at a time hardly change the distances of the others.
 *
 * @returns `count` rows of `sample`, copied; when fewer are distinct, further ones repeat
 */
export async function seedPrototypes(
  sample: Matrix,
  count: number,
  random: Random,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { rows, cols } = sample;
  const data = scaledBy(Float32Array.from(sample.data), scaleFor(greatestMagnitude(sample.data)));
  const atOnce = Math.max(1, Math.floor(count / ONE_AT_A_TIME));
  const draws = Math.max(atOnce, 2 + Math.floor(Math.log(count)));
  const kernel = await compileModel(productModel(cols));
  const norms = Float64Array.from({ length: rows }, (_, i) => sumOfSquares(data, i * cols, (i + 1) * cols));
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const prototypes = createMatrix(count, cols);
  for (let p = 0; p < count; ) {
    const drawn = p === 0 ? [random.below(rows)] : await inTurns(drawDistinct(nearest, draws, random), signal);
    const vectors = new Float32Array(drawn.length * cols);
    drawn.forEach((row, d) => {
      vectors.set(data.subarray(row * cols, (row + 1) * cols), d * cols);
    });
    const products = await productsOf(kernel, data, vectors, cols, signal);
    const squared = await inTurns(squaredDistances(products, norms, drawn), signal);
    const best = await inTurns(lowering(squared, nearest, drawn.length, Math.min(atOnce, count - p)), signal);
    const take = (b: number): void => {
      const d = best[b];
      for (let i = 0, at = d; i < rows; i++, at += drawn.length) nearest[i] = Math.min(nearest[i], squared[at]);
      prototypes.data.set(sample.data.subarray(drawn[d] * cols, (drawn[d] + 1) * cols), p * cols);
      p++;
    };
    await inTurns(inParts(best.length, take, 1), signal);
  }
  await kernel.release();
  return prototypes;
}

/** Multiplications at once, which take some tens of milliseconds. */
const MULTIPLICATIONS = 2 ** 28;

/** rows × other rows. */
async function productsOf(
  kernel: InferenceSession,
  data: Float32Array,
  others: Float32Array,
  cols: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const count = others.length / cols;
  const right = floatTensor(others, [count, cols]);
  const result = new Float32Array((data.length / cols) * count);
  const atOnce = Math.max(1, Math.floor(MULTIPLICATIONS / others.length)) * cols;
  for (let start = 0; start < data.length; start += atOnce) {
    signal?.throwIfAborted();
    const part = data.subarray(start, start + atOnce);
    const { products } = await kernel.run({ left: floatTensor(part, [part.length / cols, cols]), right });
    result.set(products.data as Float32Array, (start / cols) * count);
  }
  return result;
}

/** rows × drawn. */
function* squaredDistances(products: Float32Array, norms: Float64Array, drawn: number[]): Steps<Float64Array> {
  const squared = new Float64Array(products.length);
  for (let d = 0; d < drawn.length; d++) {
    yield;
    for (let i = 0, at = d; i < norms.length; i++, at += drawn.length) {
      squared[at] = Math.max(0, norms[i] - 2 * products[at] + norms[drawn[d]]);
    }
    squared[drawn[d] * drawn.length + d] = 0;
  }
  return squared;
}

/** Of the rows drawn, those that would lower the sum of squared distances most, each alone. */
function* lowering(squared: Float64Array, nearest: Float64Array, drawn: number, count: number): Steps<number[]> {
  const all = Array.from({ length: drawn }, (_, d) => d);
  if (drawn <= count) return all;
  const sums: number[] = [];
  for (const d of all) {
    yield;
    let sum = 0;
    for (let i = 0, at = d; i < nearest.length; i++, at += drawn) sum += Math.min(nearest[i], squared[at]);
    sums.push(sum);
  }
  return all.sort((a, b) => sums[a] - sums[b] || a - b).slice(0, count);
}

function* drawDistinct(weights: Float64Array, draws: number, random: Random): Steps<number[]> {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const drawn = new Set<number>();
  for (let draw = 0; draw < draws; draw++) {
    yield;
    drawn.add(drawProportional(weights, sum, random));
  }
  return [...drawn];
}

function drawProportional(weights: Float64Array, sum: number, random: Random): number {
  let left = random.uniform() * sum;
  let last = random.below(weights.length);
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    left -= weights[i];
    if (left < 0) break;
  }
  return last;
}
