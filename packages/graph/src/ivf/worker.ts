import { openVectors, type Tasks } from '@coreset/core';
import { leastDistance } from '@coreset/kernels';
import { NearestList } from '../nearest-list.js';
import { RowDistances } from '../row-distances.js';
import { createGroupSearch } from './group-search.js';
import type { IvfData } from './layout.js';
import { Refinement } from './refinement.js';

export function serve(data: IvfData): Tasks {
  const { vectors, k, table, rowAt, width, found } = data;
  const reader = openVectors(vectors);
  const { errors, halfNorms, quantiser } = table;
  const exact = new RowDistances(vectors, reader, data.memory);
  const searchGroups = createGroupSearch(data);
  let refinement: Refinement | undefined;

  function refineList(list: number): number {
    refinement ??= new Refinement(data);
    return refinement.refineList(list);
  }

  /** The k nearest of each place's candidates, by exact distance and as rows. */
  function rank({ start, end }: { start: number; end: number }): void {
    const { neighbours, distances } = data;
    const candidates = found.places
      .subarray(start * width, end * width)
      .map((place) => (place < 0 ? -1 : rowAt[place]));
    const rowsHere = rowAt.subarray(start, end);
    exact.read(rowsHere, candidates);
    const nearest = new NearestList(k + 1);
    rowsHere.forEach((row, i) => {
      nearest.clear();
      const place = start + i;
      for (let c = i * width, e = place * width; c < (i + 1) * width && candidates[c] >= 0; c++, e++) {
        const slack = errors[place] + errors[found.places[e]];
        if (leastDistance(quantiser, halfNorms[place], found.scores[e], slack) > nearest.farthest()) continue;
        nearest.offer(candidates[c], exact.between(row, candidates[c]));
      }
      const written = nearest.write(row, k, neighbours, distances, row * k);
      neighbours.fill(-1, row * k + written, (row + 1) * k);
    });
  }

  return { searchGroups, refineList, rank, close: () => reader.close() };
}
