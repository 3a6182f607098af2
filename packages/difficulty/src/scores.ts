import { pickOptions, requireFiniteScores, requireKnownOptions, type Vectors } from '@coreset/core';
import { KMEANS_OPTIONS, type KmeansOptions, kmeans } from './kmeans.js';
import { PROTOTYPE_DISTANCE_OPTIONS, prototypeDistance } from './prototype-distance.js';

/**
 * Scale scores to [0, 1]; all-equal scores become 0.5, so that none of them outranks another.
 * @throws CoresetError naming the first row whose score is not finite
 */
export function scaleScores(scores: ArrayLike<number>): Float64Array {
  requireFiniteScores(scores);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] < min) min = scores[i];
    if (scores[i] > max) max = scores[i];
  }
  const scaled = new Float64Array(scores.length);
  if (max === min) return scaled.fill(0.5);
  // Of two finite numbers the difference may be beyond the greatest one.
  const half = Number.isFinite(max - min) ? 1 : 0.5;
  const range = half * max - half * min;
  for (let i = 0; i < scores.length; i++) scaled[i] = (half * scores[i] - half * min) / range;
  return scaled;
}

/** Difficulty of every row, with the prototypes it came from. */
export interface Difficulty {
  /** Difficulty per row in [0, 1]; 1 is the row farthest from its prototype. */
  scores: Float64Array;
  /** Nearest prototype per row. */
  labels: Int32Array;
  /** Number of prototypes. */
  prototypes: number;
}

/**
 * Label-free difficulty: k-means prototypes, then each row's distance to its nearest one, scaled to [0, 1].
 * @param vectors rows × cols, finite
 */
export async function difficultyScores(vectors: Vectors, options: KmeansOptions = {}): Promise<Difficulty> {
  requireKnownOptions('difficultyScores', options, KMEANS_OPTIONS);
  const { prototypes } = await kmeans(vectors, options);
  const distanceOptions = pickOptions(options, PROTOTYPE_DISTANCE_OPTIONS);
  const { distances, labels } = await prototypeDistance(vectors, prototypes, distanceOptions);
  return { scores: scaleScores(distances), labels, prototypes: prototypes.rows };
}
