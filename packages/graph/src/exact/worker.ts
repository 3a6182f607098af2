import { openVectors, rowBuffer } from '@coreset/core';
import type { ExactData, SearchTask, Unverified } from './data.js';
import { createFloatSearch, OVERSAMPLING, queriesOf } from './float-search.js';
import { createPairSearch, type PairSearch } from './pair-search.js';
import { createTopList } from './top-list.js';
import { createVerifiedSearch, type VerifiedSearch } from './verified-search.js';

/** The tasks of a worker; those that need codes, or pairs, are served where there are any. */
export interface ExactTasks extends Partial<VerifiedSearch>, Partial<PairSearch> {
  /** Find the neighbours of the listed queries among all rows in float32. @returns no query: no list is verified further */
  searchFloats(task: SearchTask): Promise<Unverified>;
  close(): void;
}

const BASE_ROWS = 8192;

export function serve(data: ExactData): ExactTasks {
  const { vectors, queryRows, k, neighbours, distances } = data;
  const { rows, cols } = vectors;
  const reader = openVectors(vectors);
  const capacity = Math.min(rows, k + 1 + OVERSAMPLING);
  const room = rowBuffer(cols);
  let kernel: ReturnType<typeof createFloatSearch> | undefined;

  async function searchFloats({ queries }: SearchTask): Promise<Unverified> {
    kernel ??= createFloatSearch(cols, capacity);
    const queryRow = queryRows ? queries.map((query) => queryRows[query]) : queries;
    const block = queriesOf(reader.gather(queryRow), cols);
    const top = createTopList(block.count, capacity);
    for (let base = 0; base < rows; base += BASE_ROWS) {
      const baseEnd = Math.min(rows, base + BASE_ROWS);
      await (await kernel).scan(
        top,
        block,
        reader.read(base, baseEnd, room(baseEnd - base)),
        baseEnd - base,
        (index) => base + index,
      );
    }
    for (let q = 0; q < queries.length; q++) top.take(q, queryRow[q], k, neighbours, distances, queries[q] * k);
    return { queries: new Int32Array(0), leastScores: new Int32Array(0) };
  }

  return {
    searchFloats,
    ...(data.table && createVerifiedSearch(data, data.table, reader)),
    ...(data.table && data.pairs && createPairSearch(data.table, rows, data.pairs)),
    close: () => reader.close(),
  };
}
