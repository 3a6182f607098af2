import { addCosts, type Cost, diagnose, fallingOrder, inTurns, range, type Steps } from '@coreset/core';
import { type Clusters, clusterCost, clustersOf, membersOf } from '../clusters.js';
import { orderCost, type SelectWorkload } from '../cost.js';
import { OrderPicker, type Picker } from '../picker.js';
import { roundRobin } from '../round-robin.js';
import { need, type SelectorInput } from './input.js';

/** From here on there are three levels of clusters, below it two. */
const ROWS_OF_THREE_LEVELS = 1_000_000;

/**
 * Hierarchical k-means (Vo et al. 2024, "Automatic data curation for self-supervised learning"): k-means on the rows, then
 * on the centroids, twice, and three times from 1,000,000 rows on; each level has the root of the number below it, at most
 * 1,000. The budget is shared from the top: each cluster gives as many rows as its siblings until it has no more, so that
 * rare kinds get the place of frequent ones. A level of clusters that emit in turn, fewest emitted first and ties to the
 * lowest number, has that share at every budget, so one order serves all. In a cluster of rows the nearest to its centroid
 * come first.
 *
 * Scores: minus the distance to the centroid.
 */
export async function hierarchical(input: SelectorInput): Promise<Picker> {
  const { rows, seed, signal } = input;
  const settings = { metric: 'euclidean', seed, signal } as const;
  let level = await clustersOf(need(input, 'vectors', 'hierarchical'), settings);
  const scores = level.distances.map((distance) => -distance);
  const nearestFirst = await inTurns(fallingOrder(scores), signal);
  // The rows below each centroid of the level, in the order in which it gives them.
  let below = await inTurns(membersOf(nearestFirst, level), signal);
  const clusters = [below.length];
  while (clusters.length < (rows < ROWS_OF_THREE_LEVELS ? 2 : 3)) {
    level = await clustersOf(level.centroids, settings);
    below = await inTurns(merged(below, level), signal);
    clusters.push(below.length);
  }
  diagnose(input, 'select', { clusters });
  return new OrderPicker(await inTurns(roundRobin(below), signal), scores);
}

/** The rows below each centroid one level up. */
function* merged(below: Int32Array[], upper: Clusters): Steps<Int32Array[]> {
  const lists: Int32Array[] = [];
  for (const children of yield* membersOf(range(0, below.length), upper))
    lists.push(yield* roundRobin(Array.from(children, (child) => below[child])));
  return lists;
}

/** k-means on the rows; that on the centroids takes no time beside it. */
export function hierarchicalCost(workload: SelectWorkload): Cost {
  return addCosts(clusterCost(workload), orderCost(workload));
}
