import { type Cost, costOf, inParts, type Matrix, type Steps, type Vectors } from '@coreset/core';
import { difficultyCost, kmeans, type Metric, prototypeDistance } from '@coreset/difficulty';
import type { SelectWorkload } from './cost.js';

/** Rows by the centroid that is nearest. */
export interface Clusters {
  /** Clusters × cols; some may have no row. */
  centroids: Matrix;
  /** Per row its cluster. */
  labels: Int32Array;
  /** Per row the distance to its centroid. */
  distances: Float64Array;
}

/** k-means with as many clusters as the root of the rows, at most 1,000. */
export async function clustersOf(
  vectors: Vectors,
  { metric, seed, signal }: { metric: Metric; seed?: number; signal?: AbortSignal },
): Promise<Clusters> {
  const { prototypes } = await kmeans(vectors, { metric, seed, signal });
  return { centroids: prototypes, ...(await prototypeDistance(vectors, prototypes, { metric, signal })) };
}

/** The items of each cluster, in the order given. */
export function* membersOf(order: Int32Array, { labels, centroids }: Clusters): Steps<Int32Array[]> {
  const sizes = new Int32Array(centroids.rows);
  for (let item = 0; item < labels.length; item++) sizes[labels[item]]++;
  const members = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  yield* inParts(order.length, (start, end) => {
    for (const item of order.subarray(start, end)) members[labels[item]][sizes[labels[item]]++] = item;
  });
  return members;
}

/** Of {@link clustersOf}. */
export function clusterCost({ rows, cols }: SelectWorkload): Cost {
  return costOf({ ...difficultyCost({ rows, cols }), disk: 0 });
}
