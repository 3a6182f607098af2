import {
  createMatrix,
  inTurns,
  type Matrix,
  normaliseRows,
  openVectors,
  type Steps,
  seedOf32Bits,
  squaredDistance,
  type Vectors,
} from '@coreset/core';
import { kmeansGenerator } from 'ml-kmeans';

interface MlKmeansOptions {
  count: number;
  cosine: boolean;
  seed: number;
  iterations: number;
  tolerance: number;
  signal?: AbortSignal;
}

/** The last of what an iteration gives, a step for each. */
function* last<Value>(values: Iterable<Value>): Steps<Value> {
  let found: Value | undefined;
  for (const value of values) {
    found = value;
    yield;
  }
  if (found === undefined) throw new Error('there was no iteration');
  return found;
}

/** The same search by the `ml-kmeans` package: an independent check, and far slower (it works on nested arrays). */
export async function mlKmeans(
  vectors: Vectors,
  options: MlKmeansOptions,
): Promise<{ prototypes: Matrix; iterations: number; inertia: number }> {
  const { rows, cols } = vectors;
  const { count, cosine, seed, iterations, tolerance } = options;
  const reader = openVectors(vectors);
  const data = reader.read(0, rows);
  reader.close();
  if (cosine) normaliseRows(data, cols);
  const nested = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
  const rounds = kmeansGenerator(nested, count, {
    initialization: 'kmeans++',
    seed: seedOf32Bits(seed),
    maxIterations: iterations,
    tolerance,
  });
  const result = await inTurns(last(rounds), options.signal);
  const prototypes: Matrix = createMatrix(count, cols);
  result.centroids.forEach((centroid, p) => {
    prototypes.data.set(centroid, p * cols);
  });
  if (cosine) normaliseRows(prototypes.data, cols);
  let inertia = 0;
  for (let i = 0; i < rows; i++) inertia += squaredDistance(data, i, prototypes.data, result.clusters[i], cols);
  return { prototypes, iterations: result.iterations, inertia };
}
