import { openVectors, rowBuffer, type SharedMemory, type Tasks, type Vectors } from '@coreset/core';
import type { CodeTable } from '@coreset/kernels';
import { createCertifiedSearch } from './certified-search.js';
import { createFloatSearch, queriesOf, SPARE_CANDIDATES } from './float-search.js';
import { createPairSearch, type PairData } from './pair-search.js';
import { createTopList } from './top-list.js';

/** Shared with every worker; all arrays in shared memory. */
export interface ExactData {
  vectors: Vectors;
  /** That begins with the vectors, if they are in one. */
  memory?: SharedMemory;
  /** Rows whose neighbours are searched; default: all. */
  queryRows?: Int32Array;
  k: number;
  /** All rows' codes, unless they do not fit. */
  table?: CodeTable;
  /** For a search of all rows by pairs. */
  pairs?: PairData;
  /** The most candidates that a task asks for. */
  mostCandidates: number;
  /** One number, the greatest error of a code among all rows; set once all are encoded. */
  largestError: Float64Array;
  /** queries × k results. */
  neighbours: Int32Array;
  distances: Float32Array;
}

/** Queries to search, by their place in the result. */
export interface SearchTask {
  queries: Int32Array;
  /** Candidates kept per query. */
  candidates: number;
  /** Per query the score below which nothing is worth looking at; default: none. */
  leastScores?: Int32Array;
}

/** Queries whose lists could not be proved, with the score that a candidate must reach to be looked at again. */
export interface Unproved {
  queries: Int32Array;
  leastScores: Int32Array;
}

const BASE_ROWS = 8192;

export function serve(data: ExactData): Tasks {
  const { vectors, queryRows, k, neighbours, distances } = data;
  const { rows, cols } = vectors;
  const reader = openVectors(vectors);
  const capacity = Math.min(rows, k + 1 + SPARE_CANDIDATES);
  const room = rowBuffer(cols);
  let kernel: ReturnType<typeof createFloatSearch> | undefined;

  /** Find the neighbours of the listed queries among all rows in float32. @returns no query: no list is proved further */
  async function searchInFloats({ queries }: SearchTask): Promise<Unproved> {
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
    searchInFloats,
    ...(data.table && createCertifiedSearch(data, data.table, reader)),
    ...(data.table && data.pairs && createPairSearch(data.table, rows, data.pairs)),
    close: () => reader.close(),
  };
}
