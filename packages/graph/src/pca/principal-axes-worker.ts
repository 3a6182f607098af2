import type { Matrix, Vectors } from '@coreset/core';
import { principalAxes } from './principal-axes.js';

/** The task of a worker. */
export interface PrincipalAxesTasks {
  /** See {@link principalAxes}. */
  principalAxes(): Promise<Matrix | undefined>;
}

export function serve(vectors: Vectors): PrincipalAxesTasks {
  return { principalAxes: () => principalAxes(vectors) };
}
