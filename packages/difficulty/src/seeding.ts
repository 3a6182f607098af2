import { createKernel, createMatrix, floatTensor, type Matrix, productGraph, type Random } from '@coreset/core';
import { sumOfSquares } from './sum-of-squares.js';

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
export async function seedPrototypes(sample: Matrix, count: number, random: Random): Promise<Matrix> {
  const { rows, cols, data } = sample;
  const atOnce = Math.max(1, Math.floor(count / ONE_AT_A_TIME));
  const draws = Math.max(atOnce, 2 + Math.floor(Math.log(count)));
  const kernel = await createKernel(productGraph(cols));
  const all = floatTensor(Float32Array.from(data), [rows, cols]);
  const norms = Float64Array.from({ length: rows }, (_, i) => sumOfSquares(data, i * cols, (i + 1) * cols));
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const prototypes = createMatrix(count, cols);
  for (let p = 0; p < count; ) {
    const drawn = p === 0 ? [random.below(rows)] : drawDistinct(nearest, draws, random);
    const vectors = new Float32Array(drawn.length * cols);
    drawn.forEach((row, d) => {
      vectors.set(data.subarray(row * cols, (row + 1) * cols), d * cols);
    });
    const { products } = await kernel.run({ left: all, right: floatTensor(vectors, [drawn.length, cols]) });
    const squared = squaredDistances(products.data as Float32Array, norms, drawn);
    for (const d of lowering(squared, nearest, drawn.length, Math.min(atOnce, count - p))) {
      for (let i = 0, at = d; i < rows; i++, at += drawn.length) nearest[i] = Math.min(nearest[i], squared[at]);
      prototypes.data.set(vectors.subarray(d * cols, (d + 1) * cols), p * cols);
      p++;
    }
  }
  await kernel.release();
  return prototypes;
}

/** rows × drawn. */
function squaredDistances(products: Float32Array, norms: Float64Array, drawn: number[]): Float64Array {
  const squared = new Float64Array(products.length);
  for (let d = 0; d < drawn.length; d++) {
    for (let i = 0, at = d; i < norms.length; i++, at += drawn.length) {
      squared[at] = Math.max(0, norms[i] - 2 * products[at] + norms[drawn[d]]);
    }
    squared[drawn[d] * drawn.length + d] = 0;
  }
  return squared;
}

/** Those of the rows drawn that alone would lower the sum of the distances most. */
function lowering(squared: Float64Array, nearest: Float64Array, drawn: number, count: number): number[] {
  const all = Array.from({ length: drawn }, (_, d) => d);
  if (drawn <= count) return all;
  const sums = all.map((d) => {
    let sum = 0;
    for (let i = 0, at = d; i < nearest.length; i++, at += drawn) sum += Math.min(nearest[i], squared[at]);
    return sum;
  });
  return all.sort((a, b) => sums[a] - sums[b] || a - b).slice(0, count);
}

function drawDistinct(weights: Float64Array, draws: number, random: Random): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return [...new Set(Array.from({ length: draws }, () => drawProportional(weights, sum, random)))];
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
