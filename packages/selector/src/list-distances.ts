import { inParts, type Steps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** Squared distances over the lists of a graph, without the row itself, by which the lists of a part of a graph are filled up. */
export interface ListDistances {
  /** Mean of each row's list; that of all lists where its own is empty. */
  ofRows: Float64Array;
  /** Mean over all lists; 1 where all are empty. */
  ofAll: number;
}

export function* meanSquares({ rows, k, neighbours, distances }: NeighbourGraph): Steps<ListDistances> {
  const ofRows = new Float64Array(rows);
  let all = 0;
  let edges = 0;
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      let sum = 0;
      let count = 0;
      for (let e = i * k; e < (i + 1) * k; e++) {
        if (neighbours[e] === i) continue;
        sum += distances[e] * distances[e];
        count++;
      }
      ofRows[i] = sum / count;
      all += sum;
      edges += count;
    }
  });
  const ofAll = edges > 0 ? all / edges : 1;
  if (edges < rows * k || k === 0) for (let i = 0; i < rows; i++) if (Number.isNaN(ofRows[i])) ofRows[i] = ofAll;
  return { ofRows, ofAll };
}

/** The distance of a row to its `nth` neighbour, counted from 1, or to the last of its list where that is shorter; 0 where it is empty. */
export function distanceToNth({ k, neighbours, distances }: NeighbourGraph, row: number, nth: number): number {
  let e = row * k + Math.min(nth, k) - 1;
  while (e >= row * k && neighbours[e] === row) e--;
  return e < row * k ? 0 : distances[e];
}
