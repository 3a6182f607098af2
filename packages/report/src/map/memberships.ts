import type { NeighbourGraph } from '@coreset/graph';

/** Edges between rows, each from both of its ends, by ascending `from`. */
export interface Memberships {
  from: Int32Array;
  to: Int32Array;
  /** How much both are neighbours, above 0 to 1. */
  weight: Float32Array;
}

const BISECTIONS = 48;
const CLOSE_ENOUGH = 1e-5;
/** The least scale, as a share of the mean distance. */
const LEAST_SCALE = 1e-3;

/**
 * How much rows are neighbours, as UMAP has it (McInnes, Healy & Melville 2018, algorithms 2 and 3): 1 for the nearest other
 * row, falling with distance on a scale of each row's own, which adds up to log2 k; an edge is there if either end
 * has it.
 * @param most neighbours of a row that count
 */
export function memberships(graph: NeighbourGraph, most: number): Memberships {
  const { rows, neighbours, representative } = graph;
  const k = Math.min(graph.k, most);
  const own = ownMemberships(graph, k);
  const edges: Memberships = {
    from: new Int32Array(2 * rows * k),
    to: new Int32Array(2 * rows * k),
    weight: new Float32Array(2 * rows * k),
  };
  // How many edges of each row, then where they go.
  const starts = new Int32Array(rows + 1);
  const each = (visit: (row: number, other: number, weight: number) => void): void => {
    for (let row = 0; row < rows; row++) {
      if (representative[row] !== row) continue;
      for (let e = 0; e < k; e++) {
        const other = neighbours[row * graph.k + e];
        const mine = own[row * k + e];
        const theirs = membershipOf(graph, own, k, other, row);
        // A pair that both list is told by the lower of them.
        if (theirs !== undefined && other < row) continue;
        const weight = mine + (1 - mine) * (theirs ?? 0);
        if (weight === 0) continue;
        visit(row, other, weight);
        visit(other, row, weight);
      }
    }
  };
  each((row) => starts[row + 1]++);
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  const next = starts.slice();
  each((row, other, weight) => {
    const at = next[row]++;
    edges.from[at] = row;
    edges.to[at] = other;
    edges.weight[at] = weight;
  });
  const count = starts[rows];
  return {
    from: edges.from.subarray(0, count),
    to: edges.to.subarray(0, count),
    weight: edges.weight.subarray(0, count),
  };
}

/** How much `other` has `row` for a neighbour; undefined where it does not list it. */
function membershipOf(
  graph: NeighbourGraph,
  own: Float64Array,
  k: number,
  other: number,
  row: number,
): number | undefined {
  const at = other * graph.k;
  for (let e = 0; e < k; e++) if (graph.neighbours[at + e] === row) return own[other * k + e];
  return undefined;
}

/** How much each row has its neighbours for such, rows × k. */
function ownMemberships({ rows, k: listed, distances }: NeighbourGraph, k: number): Float64Array {
  const own = new Float64Array(rows * k);
  let sum = 0;
  for (let row = 0; row < rows; row++) for (let e = 0; e < k; e++) sum += distances[row * listed + e];
  const mean = sum / Math.max(1, rows * k);
  for (let row = 0; row < rows; row++) {
    const list = distances.subarray(row * listed, row * listed + k);
    const nearest = list.find((distance) => distance > 0) ?? 0;
    const scale = Math.max(scaleOf(list, nearest), LEAST_SCALE * mean);
    for (let e = 0; e < k; e++) own[row * k + e] = scale > 0 ? Math.exp(-Math.max(0, list[e] - nearest) / scale) : 1;
  }
  return own;
}

/** The scale on which the memberships of a list add up to log2 k. */
function scaleOf(list: Float32Array | Float64Array, nearest: number): number {
  const target = Math.log2(list.length);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let scale = 1;
  for (let i = 0; i < BISECTIONS; i++) {
    let sum = 0;
    for (let e = 0; e < list.length; e++) sum += Math.exp(-Math.max(0, list[e] - nearest) / scale);
    if (Math.abs(sum - target) < CLOSE_ENOUGH) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = high === Number.POSITIVE_INFINITY ? 2 * scale : (low + high) / 2;
  }
  return scale;
}
