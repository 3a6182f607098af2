import { gatherRows, type Matrix, meanRow, sampleRows, seededRandom, subtractRow, type Vectors } from '@coreset/core';
import { compileModel, floatTensor, gramModel, productModel } from '@coreset/kernels';
import { leadingAxes } from './leading-axes.js';

/** Projects rows on some axes: one number per axis. */
export type Projection = (rows: Float32Array) => Promise<Float32Array>;

/** Of the 384 columns of sentence embeddings this leaves 240, at the same recall: docs/decisions/principal-axes.md. */
const KEPT_VARIANCE = 0.95;
const SAMPLE_ROWS = 8192;
/** A search of wider rows is as fast without axes at the same recall. */
const MOST_COLS = 768;
/** A product with nearly all the columns would save nothing. */
const WORTHWHILE = 0.8;

/**
 * The directions that keep most of the variance, from a seeded sample of the rows.
 *
 * @returns axes × cols, orthonormal; undefined when there are so many that a search along them would save little
 */
export async function principalAxes(vectors: Vectors): Promise<Matrix | undefined> {
  const { cols } = vectors;
  if (cols > MOST_COLS) return undefined;
  const covariance = await covarianceOf(vectors);
  const axes = await leadingAxes(covariance, cols, KEPT_VARIANCE, WORTHWHILE * cols);
  return axes && { data: axes, rows: axes.length / cols, cols };
}

/** Up to a factor. */
async function covarianceOf(vectors: Vectors): Promise<Float32Array> {
  const { cols } = vectors;
  const listed = sampleRows(vectors.rows, SAMPLE_ROWS, seededRandom(0));
  const sample = Float32Array.from(gatherRows(vectors, listed).data);
  subtractRow(sample, meanRow(sample, cols));
  scaleToOne(sample);
  const model = await compileModel(gramModel(cols));
  const { products } = await model.run({ rows: floatTensor(sample, [listed.length, cols]) });
  return products.data as Float32Array;
}

/** So that no square is beyond float32. */
function scaleToOne(numbers: Float32Array): void {
  let greatest = 0;
  for (let i = 0; i < numbers.length; i++) greatest = Math.max(greatest, Math.abs(numbers[i]));
  if (greatest > 0) for (let i = 0; i < numbers.length; i++) numbers[i] /= greatest;
}

/** Once per thread. */
export async function createProjection({ data, rows: axes, cols }: Matrix): Promise<Projection> {
  const model = await compileModel(productModel(cols));
  const right = floatTensor(data, [axes, cols]);
  return async (rows) => {
    const { products } = await model.run({ left: floatTensor(rows, [rows.length / cols, cols]), right });
    return products.data as Float32Array;
  };
}
