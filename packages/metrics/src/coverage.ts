import {
  CoresetError,
  gatherSteps,
  inTurns,
  noProgress,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireListed,
  requireVectors,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import { prototypeDistance } from '@coreset/difficulty';

/** How well kept rows cover all rows. */
export interface Coverage {
  /** AUCpr: mean Euclidean distance of each row to its nearest kept row (D2 Pruning, appendix; Zheng et al. 2023). Less is better. */
  aucpr: number;
  /** The greatest such distance: the radius that k-center minimises. */
  maxRadius: number;
}

/**
 * Distance of every row to its nearest kept row.
 * @param vectors rows × cols
 * @param kept rows kept, at least one
 * @throws CoresetError when a kept row is none, or a number is not finite
 */
export async function coverage(vectors: Vectors, kept: ArrayLike<number>, given: RunOptions = {}): Promise<Coverage> {
  requireKnownOptions('coverage', given, RUN_OPTIONS);
  const options = shownInCell(given);
  requireVectors(vectors);
  requireListed(kept, vectors.rows);
  if (kept.length === 0) throw new CoresetError('no row is kept; coverage is measured from one kept row on');
  const centres = await inTurns(gatherSteps(vectors, kept), options.signal);
  const { distances } = await prototypeDistance(vectors, centres, { ...options, onProgress: noProgress });
  let sum = 0;
  let maxRadius = 0;
  for (let i = 0; i < distances.length; i++) {
    sum += distances[i];
    if (distances[i] > maxRadius) maxRadius = distances[i];
  }
  return { aucpr: sum / distances.length, maxRadius };
}
