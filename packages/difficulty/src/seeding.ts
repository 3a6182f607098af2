import { createKernel, createMatrix, ElementType, floatTensor, type Matrix, type Random } from '@coreset/core';

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007): each further prototype is a row drawn with probability
 * proportional to its squared distance from the nearest prototype so far; of a few rows drawn the one that
 * lowers the sum of these distances most is taken.
 *
 * @returns `count` rows of `sample`, copied; when fewer are distinct, further ones repeat
 */
export async function seedPrototypes(sample: Matrix, count: number, random: Random): Promise<Matrix> {
  const { rows, cols, data } = sample;
  const draws = 2 + Math.floor(Math.log(count));
  const kernel = await createKernel({
    name: 'few-to-all',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: [rows, cols] },
      { name: 'drawn', type: ElementType.float32, shape: ['draws', cols] },
    ],
    outputs: [{ name: 'product', type: ElementType.float32, shape: ['draws', rows] }],
    nodes: [{ op: 'Gemm', inputs: ['drawn', 'rows'], outputs: ['product'], attributes: { transB: 1 } }],
  });
  const all = floatTensor(Float32Array.from(data), [rows, cols]);
  const squaredNorms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let c = i * cols; c < (i + 1) * cols; c++) squaredNorms[i] += data[c] * data[c];
  }
  let nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let sum = Number.POSITIVE_INFINITY;
  const prototypes = createMatrix(count, cols);
  for (let p = 0; p < count; p++) {
    const drawn =
      p === 0 ? [random.below(rows)] : Array.from({ length: draws }, () => drawProportional(nearest, sum, random));
    const vectors = new Float32Array(drawn.length * cols);
    drawn.forEach((row, d) => {
      vectors.set(data.subarray(row * cols, (row + 1) * cols), d * cols);
    });
    const { product } = await kernel.run({ rows: all, drawn: floatTensor(vectors, [drawn.length, cols]) });
    const products = product.data as Float32Array;
    let best = { sum: Number.POSITIVE_INFINITY, nearest, draw: 0 };
    for (let d = 0; d < drawn.length; d++) {
      const lowered = new Float64Array(rows);
      let loweredSum = 0;
      for (let i = 0; i < rows; i++) {
        const squared = Math.max(0, squaredNorms[i] - 2 * products[d * rows + i] + squaredNorms[drawn[d]]);
        lowered[i] = Math.min(squared, nearest[i]);
        loweredSum += lowered[i];
      }
      loweredSum -= lowered[drawn[d]];
      lowered[drawn[d]] = 0;
      if (loweredSum < best.sum) best = { sum: loweredSum, nearest: lowered, draw: d };
    }
    ({ sum, nearest } = best);
    prototypes.data.set(vectors.subarray(best.draw * cols, (best.draw + 1) * cols), p * cols);
  }
  await kernel.release();
  return prototypes;
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
