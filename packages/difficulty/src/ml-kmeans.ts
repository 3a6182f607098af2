import {
  createMatrix,
  type Matrix,
  normaliseRows,
  openVectors,
  seedOf32Bits,
  squaredDistance,
  type Vectors,
} from '@coreset/core';
import { kmeans as libraryKmeans } from 'ml-kmeans';
import type { Kmeans } from './kmeans.js';
import type { Metric } from './metric.js';

interface MlKmeansOptions {
  count: number;
  metric: Metric;
  seed: number;
  iterations: number;
  tolerance: number;
}

/** The same search by the `ml-kmeans` package: an independent check, and far slower (it works on nested arrays). */
export function mlKmeans(vectors: Vectors, options: MlKmeansOptions): Kmeans {
  const { rows, cols } = vectors;
  const { count, metric, seed, iterations, tolerance } = options;
  const reader = openVectors(vectors);
  const data = reader.read(0, rows);
  reader.close();
  if (metric === 'cosine') normaliseRows(data, cols);
  const nested = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
  const result = libraryKmeans(nested, count, {
    initialization: 'kmeans++',
    seed: seedOf32Bits(seed),
    maxIterations: iterations,
    tolerance,
  });
  const prototypes: Matrix = createMatrix(count, cols);
  result.centroids.forEach((centroid, p) => {
    prototypes.data.set(centroid, p * cols);
  });
  if (metric === 'cosine') normaliseRows(prototypes.data, cols);
  let inertia = 0;
  for (let i = 0; i < rows; i++) inertia += squaredDistance(data, i, prototypes.data, result.clusters[i], cols);
  return { prototypes, iterations: result.iterations, inertia };
}
