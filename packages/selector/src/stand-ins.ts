import { inParts, requireListed, rowMask, type Steps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** Which kept row stands for each row. */
export interface StandIns {
  /** Per row a kept row: itself where it is kept; −1 where none was found. */
  by: Int32Array;
  /**
   * Per row how far away that is, Euclidean. Where only two edges lead there it is the sum of both, the greatest that the
   * distance can be; Infinity where there is no such row.
   */
  distance: Float64Array;
}

/** Edges from a row to the kept row that stands for it, where there is none. */
const NO_WAY = 255;
/** The longest way, in edges. */
const MOST_EDGES = 2;
const ROWS_AT_ONCE = 2048;

/**
 * Find the kept row that stands for each row: the kept row with its content or its vector, where there is one; else the
 * nearest kept row among those that its list names and those whose list names it; where there is none either, the nearest
 * over two such edges. Ties go to the lowest row.
 *
 * @param order the kept rows
 * @param contentRepresentative per row the first with the same content; default: those with the same vector have the same
 * @throws CoresetError when a kept row is none of the graph's
 */
export function* standIns(
  graph: NeighbourGraph,
  order: ArrayLike<number>,
  contentRepresentative: Int32Array = graph.representative,
): Steps<StandIns> {
  const { rows, representative } = graph;
  requireListed(order, rows);
  const kept = rowMask(rows, order);
  const by = new Int32Array(rows).fill(-1);
  const distance = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const edges = new Uint8Array(rows).fill(NO_WAY);
  const keptByContent = new Int32Array(rows).fill(-1);
  for (let row = rows - 1; row >= 0; row--) {
    if (kept[row] === 0) continue;
    keptByContent[contentRepresentative[row]] = row;
    by[representative[row]] = row;
    distance[representative[row]] = 0;
    edges[representative[row]] = 0;
  }
  for (let way = 0; way < MOST_EDGES; way++) yield* lengthenWays(graph, { by, distance }, edges, way);
  yield* inParts(rows, (start, end) => {
    // Backwards: others still need what stands for the vector of their representative, which comes before them.
    for (let row = rows - 1 - start; row >= rows - end; row--) {
      const first = representative[row];
      const sameContent = keptByContent[contentRepresentative[row]];
      by[row] = kept[row] ? row : sameContent >= 0 ? sameContent : by[first];
      distance[row] = distance[first];
    }
  });
  return { by, distance };
}

/** Go on from all rows that are `way` edges from a kept row to those that have no shorter way. */
function* lengthenWays(
  { rows, k, neighbours, distances, representative }: NeighbourGraph,
  { by, distance }: StandIns,
  edges: Uint8Array,
  way: number,
): Steps<void> {
  const offer = (row: number, from: number, length: number): void => {
    const whole = distance[from] + length;
    if (whole > distance[row] || (whole === distance[row] && by[row] <= by[from])) return;
    by[row] = by[from];
    distance[row] = whole;
    edges[row] = way + 1;
  };
  yield* inParts(
    rows,
    (start, end) => {
      for (let row = start; row < end; row++) {
        // Duplicates are named by no list, and have the list of their representative.
        if (representative[row] !== row) continue;
        for (let e = row * k; e < (row + 1) * k; e++) {
          const other = neighbours[e];
          if (edges[row] === way && edges[other] > way) offer(other, row, distances[e]);
          else if (edges[other] === way && edges[row] > way) offer(row, other, distances[e]);
        }
      }
    },
    ROWS_AT_ONCE,
  );
}

/** Per row for how many rows it stands, itself among them; 0 for one that is not kept. */
export function* standInWeights({ by }: Pick<StandIns, 'by'>): Steps<Int32Array> {
  const weights = new Int32Array(by.length);
  yield* inParts(by.length, (start, end) => {
    for (let row = start; row < end; row++) if (by[row] >= 0) weights[by[row]]++;
  });
  return weights;
}
