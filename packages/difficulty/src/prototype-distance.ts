import { CoresetError, type Matrix, type RunOptions, type Vectors } from '@coreset/core';
import { type Metric, openAssigner } from './assigner.js';

/** Each row's nearest prototype and the distance to it. */
export interface PrototypeDistance {
  /** Distance per row: Euclidean, or 1 − cos. Not scaled. */
  distances: Float64Array;
  /** Index of the nearest prototype per row. */
  labels: Int32Array;
}

/**
 * The distance of each row to its nearest prototype: the label-free difficulty of Sorscher et al. 2022
 * ("Beyond neural scaling laws", section 5), which D2 uses where no training dynamics exist.
 *
 * @param vectors rows × cols
 * @param prototypes P × cols
 * @throws CoresetError when the widths differ
 */
export async function prototypeDistance(
  vectors: Vectors,
  prototypes: Matrix,
  options: RunOptions & { metric?: Metric } = {},
): Promise<PrototypeDistance> {
  if (vectors.cols !== prototypes.cols) {
    throw new CoresetError(`the rows have ${vectors.cols} columns, the prototypes ${prototypes.cols}; they must match`);
  }
  const metric = options.metric ?? 'euclidean';
  const assigner = openAssigner(vectors, prototypes, metric, options);
  try {
    await assigner.assign('difficulty');
  } finally {
    await assigner.close();
  }
  const { distances, labels } = assigner;
  if (metric === 'cosine') for (let i = 0; i < distances.length; i++) distances[i] = (distances[i] * distances[i]) / 2;
  return { distances, labels };
}
