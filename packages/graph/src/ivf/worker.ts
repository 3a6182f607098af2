import { type Block, openVectors } from '@coreset/core';
import { leastDistance } from '@coreset/kernels';
import { NearestList } from '../nearest-list.js';
import { RowDistances } from '../row-distances.js';
import { createGroupSearch, type GroupPair } from './group-search.js';
import type { IvfData } from './layout.js';
import { NNDescent } from './nn-descent.js';

/** The tasks of a worker. */
export interface IvfTasks {
  /** Compare the rows of two groups of lists, see {@link createGroupSearch}. */
  searchGroups(pair: GroupPair): Promise<void>;
  /** See {@link NNDescent.improveList}. @returns how many of the k nearest are new */
  improveList(list: number): number;
  /** Rescore: write the k nearest of each slot's candidates by exact distance, as rows. */
  rank(slots: Block): void;
  close(): void;
}

export function serve(data: IvfData): IvfTasks {
  const { vectors, k, table, rowAtSlot, width, found } = data;
  const reader = openVectors(vectors);
  const { errors, normTerms, quantiser } = table;
  const exact = new RowDistances(vectors, reader, data.memory);
  const searchGroups = createGroupSearch(data);
  let descent: NNDescent | undefined;

  function improveList(list: number): number {
    descent ??= new NNDescent(data);
    return descent.improveList(list);
  }

  function rank({ start, end }: Block): void {
    const { neighbours, distances } = data;
    const candidates = found.slots
      .subarray(start * width, end * width)
      .map((slot) => (slot < 0 ? -1 : rowAtSlot[slot]));
    const rowsHere = rowAtSlot.subarray(start, end);
    exact.read(rowsHere, candidates);
    const nearest = new NearestList(k + 1);
    rowsHere.forEach((row, i) => {
      nearest.clear();
      const slot = start + i;
      for (let c = i * width, e = slot * width; c < (i + 1) * width && candidates[c] >= 0; c++, e++) {
        const slack = errors[slot] + errors[found.slots[e]];
        if (leastDistance(quantiser, normTerms[slot], found.scores[e], slack) > nearest.farthest()) continue;
        nearest.push(candidates[c], exact.between(row, candidates[c]));
      }
      const written = nearest.write(row, k, neighbours, distances, row * k);
      neighbours.fill(-1, row * k + written, (row + 1) * k);
    });
  }

  return { searchGroups, improveList, rank, close: () => reader.close() };
}
