import { CoresetError, inOneGo, inParts, type Steps } from '@coreset/core';
import { type NeighbourGraph, requireGraphParts } from '../neighbour-graph.js';

/** `directed`: each row's own list. `symmetric`: an edge wherever either side lists the other. */
export type GraphEdges = 'symmetric' | 'directed';

/** The edges along which messages travel, without a copy of the graph's lists; {@link EdgeReader} reads them. */
export interface Adjacency {
  rows: number;
  k: number;
  /** Edge e goes from row ⌊e / k⌋, which lists it, to `neighbours[e]` and is `distances[e]` long. */
  neighbours: Int32Array;
  distances: Float32Array | Float64Array;
  /** Edges that only the other side lists, by row: those to row i are `incoming[offsets[i]]` to `incoming[offsets[i + 1] - 1]`. */
  offsets: Int32Array;
  incoming: Int32Array;
  /** Bit e & 7 of byte e >> 3 is set where edge e is one-sided: its target does not list its source, and gets messages all the same. */
  oneSided: Uint8Array;
}

/** The edges along which messages travel. */
export function adjacencyOf(graph: NeighbourGraph, edges: GraphEdges): Adjacency {
  return inOneGo(adjacencySteps(graph, edges));
}

/** {@link adjacencyOf} in steps. */
export function* adjacencySteps(graph: NeighbourGraph, edges: GraphEdges): Steps<Adjacency> {
  requireGraphParts(graph);
  const { rows, k, neighbours, distances } = graph;
  if (edges !== 'directed' && edges !== 'symmetric')
    throw new CoresetError(`graph edges '${edges}' are not known; use symmetric or directed`);
  const oneSided = new Uint8Array(Math.ceil((rows * k) / 8));
  const offsets = new Int32Array(rows + 1);
  const incoming =
    edges === 'symmetric'
      ? yield* keepOneSided(graph, offsets, yield* edgesByTarget(graph, offsets), oneSided)
      : new Int32Array(0);
  return { rows, k, neighbours, distances, offsets, incoming, oneSided };
}

/** All edges by the row that they lead to. Edges of duplicates are omitted, since duplicates take no part in selection. */
function* edgesByTarget(
  { rows, k, neighbours, representative }: NeighbourGraph,
  offsets: Int32Array,
): Steps<Int32Array> {
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      if (representative[i] !== i) continue;
      for (let e = i * k; e < (i + 1) * k; e++) offsets[neighbours[e]]++;
    }
  });
  for (let i = 0, end = 0; i <= rows; i++) {
    end += offsets[i];
    offsets[i] = end;
  }
  const incoming = new Int32Array(offsets[rows]);
  // Each offset is the end of its row until the edges, from the last to the first, have filled it down to the beginning.
  yield* inParts(rows, (start, end) => {
    for (let i = rows - 1 - start; i >= rows - end; i--) {
      if (representative[i] !== i) continue;
      for (let e = (i + 1) * k - 1; e >= i * k; e--) incoming[--offsets[neighbours[e]]] = e;
    }
  });
  return incoming;
}

/** Keep the one-sided ones of each row's incoming edges: those from rows that it does not list itself. */
function* keepOneSided(
  { rows, k, neighbours }: NeighbourGraph,
  offsets: Int32Array,
  incoming: Int32Array,
  oneSided: Uint8Array,
): Steps<Int32Array> {
  let kept = 0;
  let at = 0;
  yield* inParts(rows, (first, last) => {
    for (let i = first; i < last; i++) {
      // A Bloom filter of two words over the row's neighbours: it rejects most other rows without a scan.
      let low = 0;
      let high = 0;
      for (let e = i * k; e < (i + 1) * k; e++) {
        low |= 1 << neighbours[e];
        high |= 1 << (neighbours[e] >> 5);
      }
      const end = offsets[i + 1];
      offsets[i] = kept;
      for (; at < end; at++) {
        const e = incoming[at];
        const from = rowOf(e, k);
        if (((low >>> from) & (high >>> (from >> 5)) & 1) !== 0 && lists(neighbours, k, i, from)) continue;
        oneSided[e >> 3] |= 1 << (e & 7);
        incoming[kept++] = e;
      }
    }
  });
  offsets[rows] = kept;
  return incoming.subarray(0, kept);
}

/** Whether the row that lists edge e is not listed by its other end, and gets messages from it all the same. */
export function isOneSided({ oneSided }: Pick<Adjacency, 'oneSided'>, e: number): boolean {
  return (oneSided[e >> 3] & (1 << (e & 7))) !== 0;
}

/** The row that lists an edge. Not by Math.floor: this is one division of integers. */
function rowOf(edge: number, k: number): number {
  return (edge / k) | 0;
}

function lists(neighbours: Int32Array, k: number, i: number, j: number): boolean {
  for (let e = i * k; e < (i + 1) * k; e++) if (neighbours[e] === j) return true;
  return false;
}

/** Reads the edges of one row at a time. */
export class EdgeReader {
  /** The other end of each edge. */
  readonly targets: Int32Array;
  /** The length of each edge. */
  readonly lengths: Float64Array;

  constructor(private readonly adjacency: Adjacency) {
    const { rows, k, offsets } = adjacency;
    let most = 0;
    for (let i = 0; i < rows; i++) most = Math.max(most, offsets[i + 1] - offsets[i]);
    this.targets = new Int32Array(k + most);
    this.lengths = new Float64Array(k + most);
  }

  /** Read a row's edges, its own list first, nearest first, then those that only the other side lists. @returns how many */
  read(row: number): number {
    const { targets, lengths } = this;
    const { k, neighbours, distances, offsets, incoming } = this.adjacency;
    for (let n = 0, e = row * k; n < k; n++, e++) {
      targets[n] = neighbours[e];
      lengths[n] = distances[e];
    }
    let count = k;
    for (let at = offsets[row]; at < offsets[row + 1]; at++, count++) {
      targets[count] = rowOf(incoming[at], k);
      lengths[count] = distances[incoming[at]];
    }
    return count;
  }
}
