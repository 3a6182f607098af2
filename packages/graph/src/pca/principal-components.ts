import {
  gatherSteps,
  greatestMagnitude,
  inTurns,
  type Matrix,
  meanRow,
  sampleRows,
  scaledBy,
  scaleFor,
  seededRandom,
  subtractRow,
  type Vectors,
} from '@coreset/core';
import { compileModel, floatTensor, productModel } from '@coreset/kernels';
import { orthonormal, productWith } from './leading-axes.js';
import { eigenvectors } from './symmetric-eigen.js';

/** Numbers of the sample, and rows of it, that are enough to see the directions of greatest variance. */
const SAMPLE = { numbers: 2 ** 23, most: 4096, least: 256 };
/** Directions that are followed, so that the first of them settle fast. */
const FOLLOWED = 16;
const STEPS = 12;

/**
 * The directions in which the rows vary most, by falling variance, from a seeded sample of some thousand rows: subspace
 * iteration on the products of its rows with each other, then Rayleigh–Ritz (Golub & Van Loan 2013, section 8.2).
 *
 * @param count at most 16
 * @returns count × cols, orthonormal, the greatest number of each positive; zeros where rows vary in fewer directions
 */
export async function principalComponents(vectors: Vectors, count: number, signal?: AbortSignal): Promise<Matrix> {
  const { rows, cols } = vectors;
  const wanted = Math.min(SAMPLE.most, Math.max(SAMPLE.least, Math.floor(SAMPLE.numbers / cols)));
  const listed = sampleRows(rows, wanted, seededRandom(0));
  const gathered = Float32Array.from((await inTurns(gatherSteps(vectors, listed), signal)).data);
  const sample = scaledBy(gathered, scaleFor(greatestMagnitude(gathered)));
  subtractRow(sample, meanRow(sample, cols));
  const places = await leadingPlaces(sample, cols);
  const n = listed.length;
  const axes = new Float32Array(count * cols);
  for (let a = 0; a < Math.min(count, places.length / n); a++)
    setAxis(axes.subarray(a * cols, (a + 1) * cols), sample, places.subarray(a * n, (a + 1) * n));
  return { data: axes, rows: count, cols };
}

/** Of each direction, by falling variance, where the rows of a sample lie along it, up to a factor. */
async function leadingPlaces(sample: Float32Array, cols: number): Promise<Float64Array> {
  const n = sample.length / cols;
  const model = await compileModel(productModel(cols));
  const side = floatTensor(sample, [n, cols]);
  const { products } = await model.run({ left: side, right: side });
  const timesGram = await productWith(products.data as Float32Array, n);
  const random = seededRandom(0);
  const width = Math.min(FOLLOWED, n);
  let followed = orthonormal(
    Float32Array.from({ length: width * n }, () => random.uniform() - 0.5),
    n,
  );
  for (let step = 0; step < STEPS; step++) followed = orthonormal(await timesGram(followed), n);
  const image = await timesGram(followed);
  const small = new Float64Array(width * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++)
      for (let r = 0; r < n; r++) small[i * width + j] += followed[i * n + r] * image[j * n + r];
  const turned = eigenvectors(small, width);
  const places = new Float64Array(width * n);
  for (let a = 0; a < width; a++)
    for (let i = 0; i < width; i++)
      for (let r = 0; r < n; r++) places[a * n + r] += turned[a * width + i] * followed[i * n + r];
  return places;
}

/** The sum of the rows of a sample, each times its place, at length 1. */
function setAxis(axis: Float32Array, sample: Float32Array, places: Float64Array): void {
  const { length: cols } = axis;
  const sum = new Float64Array(cols);
  for (let r = 0; r < places.length; r++) for (let c = 0; c < cols; c++) sum[c] += places[r] * sample[r * cols + c];
  const length = Math.sqrt(sum.reduce((squares, value) => squares + value ** 2, 0));
  if (length === 0) return;
  let greatest = 0;
  for (let c = 1; c < cols; c++) if (Math.abs(sum[c]) > Math.abs(sum[greatest])) greatest = c;
  const scale = Math.sign(sum[greatest]) / length;
  for (let c = 0; c < cols; c++) axis[c] = scale * sum[c];
}
