import {
  addCosts,
  type Cost,
  costOf,
  diagnose,
  fallingOrder,
  inParts,
  inTurns,
  type Matrix,
  type Steps,
  squaredDistance,
} from '@coreset/core';
import { type Clusters, clusterCost, clustersOf, membersOf } from '../clusters.js';
import { orderCost, type SelectWorkload } from '../cost.js';
import { wholeQuotas } from '../group-quotas.js';
import { OrderPicker, type Picker } from '../picker.js';
import { rowsToKeep } from '../rows-to-keep.js';
import { need, type SelectorInput } from './input.js';

/** Nearest centroids over which the distance between clusters is a mean. */
const NEAREST_CENTROIDS = 20;
/** τ of the softmax. */
const TEMPERATURE = 0.1;
/** Each cluster gives at least this share of what it would give if all gave the same. */
const LEAST_SHARE = 0.5;
/** Halvings of the interval of λ: beyond the digits of a float64. */
const HALVINGS = 200;

/**
 * Density-based pruning (Abbas et al. 2024, "Effective pruning of web-scale datasets based on complexity of concept
 * clusters"): rows of length 1 in clusters, as many as the root of the rows, at most 1,000. A cluster is worth more, the wider
 * it is and the farther from others: D = mean cosine distance to the centroid · mean cosine distance of the centroid to its 20
 * nearest, p = softmax(D / 0.1). Of the budget B each gives B · p rows, or as near to that as its bounds and the sum allow, see
 * {@link quotas}, those farthest from the centroid first.
 *
 * The order is that of the given budget: each beginning has the shares of the quotas; after them come the other rows, farthest
 * from the centroid first again. Another budget has another order. Published after near-duplicates were removed.
 *
 * Scores: the cosine distance to the centroid.
 */
export async function density(input: SelectorInput): Promise<Picker> {
  const { seed, signal } = input;
  const clusters = await clustersOf(need(input, 'vectors', 'density'), { metric: 'cosine', seed, signal });
  const farthestFirst = await inTurns(fallingOrder(clusters.distances), signal);
  const members = await inTurns(membersOf(farthestFirst, clusters), signal);
  const shares = quotas(await inTurns(complexity(clusters, members), signal), members, rowsToKeep(input));
  diagnose(input, 'select', { clusters: filledOf(members).length });
  return new OrderPicker(await inTurns(inShares(members, shares), signal), clusters.distances);
}

/** Per cluster D, how wide it is times how far from others; 0 where it has no row. */
function* complexity({ centroids, distances }: Clusters, members: Int32Array[]): Steps<Float64Array> {
  const filled = filledOf(members);
  const result = new Float64Array(members.length);
  for (const c of filled) {
    yield;
    let within = 0;
    for (const row of members[c]) within += distances[row];
    const others = Float64Array.from(
      filled.filter((other) => other !== c),
      (other) => cosineDistance(centroids, c, other),
    );
    const nearest = others.sort().subarray(0, NEAREST_CENTROIDS);
    const between = nearest.reduce((sum, distance) => sum + distance, 0);
    result[c] = (within / members[c].length) * (between / Math.max(1, nearest.length));
  }
  return result;
}

/** Of two rows of length 1. */
function cosineDistance({ data, cols }: Matrix, i: number, j: number): number {
  return squaredDistance(data, i, data, j, cols) / 2;
}

/**
 * How many rows each cluster gives: the x that minimises ½ |x|² − B p · x with Σ x = B and ℓ ≤ x ≤ n, n the rows of a cluster and
 * ℓ = min(B / (2 C), n − 1) with C clusters. That is x = clip(B p − λ, ℓ, n) with λ found by halving; what the whole parts lack
 * of B goes to the largest remainders, ties to the lowest cluster.
 *
 * @param worth D of each cluster
 */
function quotas(worth: Float64Array, members: Int32Array[], budget: number): Int32Array {
  const filled = filledOf(members);
  const greatest = Math.max(...filled.map((c) => worth[c]));
  const weights = filled.map((c) => Math.exp((worth[c] - greatest) / TEMPERATURE));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const most = filled.map((c) => members[c].length);
  const least = most.map((size) => Math.min((LEAST_SHARE * budget) / filled.length, size - 1));
  const given = (lambda: number): Float64Array =>
    Float64Array.from(weights, (weight, f) =>
      Math.min(most[f], Math.max(least[f], (budget * weight) / total - lambda)),
    );
  // At the first λ each cluster gives all that it has, at the second no more than it must.
  let [low, high] = [-Math.max(...most), budget];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (given(middle).reduce((sum, share) => sum + share, 0) >= budget) low = middle;
    else high = middle;
  }
  const shares = new Int32Array(members.length);
  wholeQuotas(given(low), budget).forEach((share, f) => {
    shares[filled[f]] = share;
  });
  return shares;
}

/** Clusters that have a row. */
function filledOf(members: Int32Array[]): number[] {
  return Array.from(members.keys()).filter((c) => members[c].length > 0);
}

/** Rows of all clusters such that each beginning has the shares of the quotas; those beyond the quotas follow likewise. */
function* inShares(members: Int32Array[], shares: Int32Array): Steps<Int32Array> {
  const rows = members.reduce((total, { length }) => total + length, 0);
  const turn = new Float64Array(rows);
  for (const [c, own] of members.entries()) {
    yield* inParts(own.length, (start, end) => {
      for (let m = start; m < end; m++)
        turn[own[m]] = m < shares[c] ? (m + 0.5) / shares[c] : 1 + (m - shares[c] + 0.5) / (own.length - shares[c]);
    });
  }
  return yield* fallingOrder(turn.map((at) => -at));
}

const PER_PAIR_OF_CENTROIDS = 1e-9;

/** k-means, and the distances of all pairs of centroids. */
export function densityCost(workload: SelectWorkload): Cost {
  const { rows, cols } = workload;
  const pairs = Math.min(rows, 1e6) * (cols * PER_PAIR_OF_CENTROIDS + 2e-8);
  return addCosts(clusterCost(workload), orderCost(workload), costOf({ serial: pairs }));
}
