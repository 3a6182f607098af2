import { requireListed, rowMask } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** Rows per bin of equal width over [0, 1]. */
export interface DifficultyHistogram {
  all: number[];
  kept: number[];
}

/**
 * Difficulty of kept rows against all rows.
 * @param scores in [0, 1]; values outside count in the first or last bin
 */
export function difficultyHistogram(
  scores: ArrayLike<number>,
  kept: ArrayLike<number>,
  bins = 20,
): DifficultyHistogram {
  requireListed(kept, scores.length);
  const mask = rowMask(scores.length, kept);
  const histogram: DifficultyHistogram = { all: new Array(bins).fill(0), kept: new Array(bins).fill(0) };
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(scores[i] * bins)));
    histogram.all[bin]++;
    if (mask[i]) histogram.kept[bin]++;
  }
  return histogram;
}

/**
 * The share of kept rows that have a kept near-duplicate: a listed neighbour nearer than `distance`.
 * @param distance default: the 10th percentile of all rows' distances to their nearest neighbour
 */
export function nearDuplicateShare(graph: NeighbourGraph, kept: ArrayLike<number>, distance?: number): number {
  const { rows, k, neighbours, distances } = graph;
  requireListed(kept, rows);
  if (k === 0 || kept.length === 0) return 0;
  const near =
    distance ??
    percentile(
      Float64Array.from({ length: rows }, (_, i) => distances[i * k]),
      0.1,
    );
  const mask = rowMask(rows, kept);
  const paired = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    if (!mask[i]) continue;
    for (let e = i * k; e < (i + 1) * k && distances[e] <= near; e++) {
      if (mask[neighbours[e]]) paired[i] = paired[neighbours[e]] = 1;
    }
  }
  return paired.reduce((sum, flag) => sum + flag, 0) / kept.length;
}

function percentile(values: Float64Array, share: number): number {
  return values.sort()[Math.floor(share * (values.length - 1))];
}

/**
 * The share of clusters with at least one kept row.
 * @param clusters cluster of each row, from 0 on
 */
export function clusterCoverage(clusters: ArrayLike<number>, kept: ArrayLike<number>): number {
  requireListed(kept, clusters.length);
  const all = new Set<number>();
  const reached = new Set<number>();
  for (let i = 0; i < clusters.length; i++) all.add(clusters[i]);
  for (let i = 0; i < kept.length; i++) reached.add(clusters[kept[i]]);
  return reached.size / all.size;
}

/**
 * How evenly labels are kept: the entropy of the kept rows' labels over that of an even distribution, in
 * [0, 1]; 1 when each label is kept equally often.
 */
export function labelBalance(labels: ArrayLike<number>, kept: ArrayLike<number>): number {
  requireListed(kept, labels.length);
  const classes = new Set<number>();
  for (let i = 0; i < labels.length; i++) classes.add(labels[i]);
  if (classes.size < 2) return 1;
  const counts = new Map<number, number>();
  for (let i = 0; i < kept.length; i++) counts.set(labels[kept[i]], (counts.get(labels[kept[i]]) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / kept.length) * Math.log(count / kept.length);
  return entropy / Math.log(classes.size);
}
