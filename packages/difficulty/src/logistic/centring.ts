import { blockSteps, CoresetError, finiteSteps, type Steps, type Vectors } from '@coreset/core';

/** What brings rows around the origin, with a mean squared length of 1. */
export interface Centring {
  /** Mean of each column. */
  mean: Float64Array;
  scale: number;
}

const ROWS_AT_ONCE = 1024;

/**
 * The centring of rows for a logistic regression.
 * @throws CoresetError naming the first row and column that is not finite
 */
export function* centringSteps(vectors: Vectors): Steps<Centring> {
  const { rows, cols } = vectors;
  if (rows === 0) throw new CoresetError('a logistic regression needs at least one row');
  const mean = new Float64Array(cols);
  yield* blockSteps(vectors, ROWS_AT_ONCE, (block) => {
    for (let at = 0; at < block.length; ) for (let c = 0; c < cols; c++, at++) mean[c] += block[at] / rows;
  });
  let squared = 0;
  yield* blockSteps(vectors, ROWS_AT_ONCE, (block) => {
    for (let at = 0; at < block.length; ) for (let c = 0; c < cols; c++, at++) squared += (block[at] - mean[c]) ** 2;
  });
  if (!Number.isFinite(squared)) yield* finiteSteps(vectors, 'the vectors');
  return { mean, scale: squared > 0 ? 1 / Math.sqrt(squared / rows) : 1 };
}

/** Write centred rows, each with a constant 1 behind it that takes the place of the bias: rows × (cols + 1). */
export function centre(rows: Float32Array, { mean, scale }: Centring, target: Float32Array): void {
  const cols = mean.length;
  for (let from = 0, to = 0; from < rows.length; to++) {
    for (let c = 0; c < cols; c++, from++, to++) target[to] = (rows[from] - mean[c]) * scale;
    target[to] = 1;
  }
}
