import type { Tasks, Vectors } from '@coreset/core';
import { principalAxes } from './principal-axes.js';

export function serve(vectors: Vectors): Tasks {
  return { principalAxes: () => principalAxes(vectors) };
}
