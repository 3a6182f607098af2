import {
  createKernel,
  ElementType,
  floatTensor,
  gatherRows,
  sampleRows,
  seededRandom,
  type Vectors,
} from '@coreset/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Orthonormal directions in which vectors vary most: cols × dims, row-major. */
export interface PrincipalAxes {
  axes: Float32Array;
  dims: number;
}

/** Rows projected on some axes, dims numbers each. */
export type Projection = (rows: Float32Array) => Promise<Float32Array>;

/** Of the sentence embeddings' 384 columns this leaves 240, and the recall what it is with all (docs/experiments.md). */
const KEPT_VARIANCE = 0.95;
const SAMPLE_ROWS_PER_COL = 20;
/** Up to here the axes take about as long as a second of search; it grows with cols³. */
const MOST_COLS = 768;
/** Processors multiply codes by the sixteen or more, so the number of axes is rounded up to such. */
const MULTIPLE = 16;
/** A product with nearly all the columns would save nothing. */
const WORTHWHILE = 0.8;

/**
 * The principal axes that keep most of the variance, from a seeded sample of the rows.
 *
 * @returns undefined when there are so many that a search along them would save little, or finding them takes too long
 */
export async function principalAxes(vectors: Vectors): Promise<PrincipalAxes | undefined> {
  const { cols } = vectors;
  if (cols > MOST_COLS || cols <= MULTIPLE) return undefined;
  const covariance = await covarianceOf(vectors, SAMPLE_ROWS_PER_COL * cols);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a] || a - b);
  const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
  let dims = 0;
  for (let kept = 0; dims < cols && kept < KEPT_VARIANCE * total; dims++) kept += realEigenvalues[order[dims]];
  dims = Math.ceil(Math.max(1, dims) / MULTIPLE) * MULTIPLE;
  if (dims > WORTHWHILE * cols) return undefined;
  const axes = new Float32Array(cols * dims);
  for (let c = 0; c < cols; c++) {
    for (let d = 0; d < dims; d++) axes[c * dims + d] = eigenvectorMatrix.get(c, order[d]);
  }
  return { axes, dims };
}

async function covarianceOf(vectors: Vectors, rows: number): Promise<Matrix> {
  const { cols } = vectors;
  const listed = sampleRows(vectors.rows, rows, seededRandom(0));
  const sample = Float32Array.from(gatherRows(vectors, listed).data);
  const mean = new Float64Array(cols);
  for (let i = 0; i < sample.length; i++) mean[i % cols] += sample[i] / listed.length;
  for (let i = 0; i < sample.length; i++) sample[i] -= mean[i % cols];
  const kernel = await createKernel({
    name: 'covariance',
    inputs: [{ name: 'rows', type: ElementType.float32, shape: ['n', cols] }],
    outputs: [{ name: 'sums', type: ElementType.float32, shape: [cols, cols] }],
    nodes: [{ op: 'Gemm', inputs: ['rows', 'rows'], outputs: ['sums'], attributes: { transA: 1 } }],
  });
  const { sums } = await kernel.run({ rows: floatTensor(sample, [listed.length, cols]) });
  return Matrix.from1DArray(cols, cols, sums.data as Float32Array);
}

/** Once per thread. */
export async function createProjection({ axes, dims }: PrincipalAxes): Promise<Projection> {
  const cols = axes.length / dims;
  const kernel = await createKernel({
    name: 'projection',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: ['n', cols] },
      { name: 'axes', type: ElementType.float32, shape: [cols, dims] },
    ],
    outputs: [{ name: 'projected', type: ElementType.float32, shape: ['n', dims] }],
    nodes: [{ op: 'MatMul', inputs: ['rows', 'axes'], outputs: ['projected'] }],
  });
  const fixed = floatTensor(axes, [cols, dims]);
  return async (rows) => {
    const { projected } = await kernel.run({ rows: floatTensor(rows, [rows.length / cols, cols]), axes: fixed });
    return projected.data as Float32Array;
  };
}
