import { CoresetError } from '@coreset/core';
import type { NeighbourGraph } from './neighbour-graph.js';

/** `directed`: each row's own list. `symmetric`: an edge wherever either side lists the other. */
export type GraphEdges = 'symmetric' | 'directed';

/** Edges in compressed rows: those of row i are `targets[offsets[i]]` to `targets[offsets[i + 1] - 1]`. */
export interface Adjacency {
  rows: number;
  offsets: Int32Array;
  targets: Int32Array;
  distances: Float32Array | Float64Array;
}

/**
 * The edges along which messages travel. In the symmetric form the edges of a row are its own list first,
 * nearest first, then those that only the other side lists, by row.
 */
export function adjacencyOf(graph: NeighbourGraph, edges: GraphEdges): Adjacency {
  if (edges === 'directed') return directed(graph);
  if (edges === 'symmetric') return symmetric(graph);
  throw new CoresetError(`graph edges '${edges}' are not known; use symmetric or directed`);
}

function directed({ rows, k, neighbours, distances }: NeighbourGraph): Adjacency {
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i <= rows; i++) offsets[i] = i * k;
  return { rows, offsets, targets: neighbours, distances };
}

function symmetric({ rows, k, neighbours, distances, representative }: NeighbourGraph): Adjacency {
  const lists = (i: number, j: number): boolean => {
    for (let e = i * k; e < (i + 1) * k; e++) if (neighbours[e] === j) return true;
    return false;
  };
  // An edge that only i lists is added to j's row; duplicates are left out, they take no part in selection.
  const oneSided = new Uint8Array(rows * k);
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) {
    offsets[i + 1] += k;
    if (representative[i] !== i) continue;
    for (let e = i * k; e < (i + 1) * k; e++) {
      if (lists(neighbours[e], i)) continue;
      oneSided[e] = 1;
      offsets[neighbours[e] + 1]++;
    }
  }
  for (let i = 0; i < rows; i++) offsets[i + 1] += offsets[i];
  const targets = new Int32Array(offsets[rows]);
  const edgeDistances =
    distances instanceof Float64Array ? new Float64Array(offsets[rows]) : new Float32Array(offsets[rows]);
  const filled = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    filled[i] = offsets[i] + k;
    targets.set(neighbours.subarray(i * k, (i + 1) * k), offsets[i]);
    edgeDistances.set(distances.subarray(i * k, (i + 1) * k), offsets[i]);
  }
  for (let i = 0; i < rows; i++) {
    for (let e = i * k; e < (i + 1) * k; e++) {
      const j = neighbours[e];
      if (oneSided[e] === 0) continue;
      targets[filled[j]] = i;
      edgeDistances[filled[j]] = distances[e];
      filled[j]++;
    }
  }
  return { rows, offsets, targets, distances: edgeDistances };
}
