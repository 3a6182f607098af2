import { inParts, rowPlaces, type Steps } from '@coreset/core';
import { type NeighbourGraph, noDuplicates } from '@coreset/graph';

/** A distance at which no message arrives; float32 holds it. */
const OUT_OF_REACH = 3e38;

/**
 * The graph on a part of the rows, which are numbered anew. Neighbours outside of the part are left out; the lists are
 * filled up with the row itself, out of reach.
 * @param part rows that represent themselves, ascending
 */
export function* subgraph({ rows, k, neighbours, distances }: NeighbourGraph, part: Int32Array): Steps<NeighbourGraph> {
  const numbers = rowPlaces(rows, part);
  const own = new Int32Array(part.length * k);
  const lengths = distances.slice(0, part.length * k);
  yield* inParts(part.length, (start, end) => {
    for (let p = start; p < end; p++) {
      let filled = p * k;
      for (let e = part[p] * k; e < (part[p] + 1) * k; e++) {
        const number = numbers[neighbours[e]];
        if (number < 0) continue;
        own[filled] = number;
        lengths[filled++] = distances[e];
      }
      own.fill(p, filled, (p + 1) * k);
      lengths.fill(OUT_OF_REACH, filled, (p + 1) * k);
    }
  });
  return { rows: part.length, k, neighbours: own, distances: lengths, representative: noDuplicates(part.length) };
}
