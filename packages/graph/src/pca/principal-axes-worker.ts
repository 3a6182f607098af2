import type { Vectors } from '@coreset/core';
import { type PrincipalAxes, principalAxes } from './principal-axes.js';

/** The task of a worker. */
export interface PrincipalAxesTasks {
  /** See {@link principalAxes}. */
  principalAxes(): Promise<PrincipalAxes | undefined>;
}

export function serve(vectors: Vectors): PrincipalAxesTasks {
  return { principalAxes: () => principalAxes(vectors) };
}
