import { gatherRows, meanRow, sampleRows, seededRandom, subtractRow, type Vectors } from '@coreset/core';
import { compileModel, ElementType, floatTensor, productModel } from '@coreset/kernels';
import { leadingAxes } from './leading-axes.js';

/** Orthonormal directions in which vectors vary most: dims × cols, row-major. */
export interface PrincipalAxes {
  axes: Float32Array;
  dims: number;
}

/** Rows projected on some axes, dims numbers each. */
export type Projection = (rows: Float32Array) => Promise<Float32Array>;

/** Of the sentence embeddings' 384 columns this leaves 240, and the recall what it is with all (docs/experiments.md). */
const KEPT_VARIANCE = 0.95;
const SAMPLE_ROWS = 8192;
/** A search of wider rows is as fast without axes at the same recall. */
const MOST_COLS = 768;
/** A product with nearly all the columns would save nothing. */
const WORTHWHILE = 0.8;

/**
 * The directions that keep most of the variance, from a seeded sample of the rows.
 *
 * @returns undefined when there are so many that a search along them would save little
 */
export async function principalAxes(vectors: Vectors): Promise<PrincipalAxes | undefined> {
  const { cols } = vectors;
  if (cols > MOST_COLS) return undefined;
  const covariance = await covarianceOf(vectors);
  const axes = await leadingAxes(covariance, cols, KEPT_VARIANCE, WORTHWHILE * cols);
  return axes && { axes, dims: axes.length / cols };
}

/** Up to a factor. */
async function covarianceOf(vectors: Vectors): Promise<Float32Array> {
  const { cols } = vectors;
  const listed = sampleRows(vectors.rows, SAMPLE_ROWS, seededRandom(0));
  const sample = Float32Array.from(gatherRows(vectors, listed).data);
  subtractRow(sample, meanRow(sample, cols));
  scaleToOne(sample);
  const kernel = await compileModel({
    name: 'covariance',
    inputs: [{ name: 'rows', type: ElementType.float32, shape: ['n', cols] }],
    outputs: [{ name: 'sums', type: ElementType.float32, shape: [cols, cols] }],
    nodes: [{ op: 'Gemm', inputs: ['rows', 'rows'], outputs: ['sums'], attributes: { transA: 1 } }],
  });
  const { sums } = await kernel.run({ rows: floatTensor(sample, [listed.length, cols]) });
  return sums.data as Float32Array;
}

/** So that no square is beyond float32. */
function scaleToOne(numbers: Float32Array): void {
  let greatest = 0;
  for (let i = 0; i < numbers.length; i++) greatest = Math.max(greatest, Math.abs(numbers[i]));
  if (greatest > 0) for (let i = 0; i < numbers.length; i++) numbers[i] /= greatest;
}

/** Once per thread. */
export async function createProjection({ axes, dims }: PrincipalAxes): Promise<Projection> {
  const cols = axes.length / dims;
  const kernel = await compileModel(productModel(cols));
  const right = floatTensor(axes, [dims, cols]);
  return async (rows) => {
    const { products } = await kernel.run({ left: floatTensor(rows, [rows.length / cols, cols]), right });
    return products.data as Float32Array;
  };
}
