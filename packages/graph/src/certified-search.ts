import {
  type CodeQueries,
  type CodeTable,
  createCodeKernel,
  encodeInto,
  leastDistance,
  QUERY_ROWS,
  squaredDistance,
  type VectorReader,
} from '@coreset/core';
import type { ExactData, SearchTask } from './exact-worker.js';
import { createNearestList } from './nearest-list.js';
import { rowVectors } from './row-vectors.js';

/** A search by codes whose lists are proved. */
export interface CertifiedSearch {
  /** Put the rows of these places into the table. @returns the greatest error among them */
  encodePlaces(block: { start: number; end: number }): number;
  /**
   * Find the neighbours of queries by codes, and prove each list with the triangle inequality: a row that was left
   * out is at least its distance by codes, less both errors of coding, away. With fewer candidates, fewer lists can be
   * proved.
   *
   * @returns the queries whose list is not proved
   */
  searchByCodes(task: SearchTask): Promise<Int32Array>;
}

/** @param table empty; all places are to be encoded before the first search */
export function createCertifiedSearch(data: ExactData, table: CodeTable, reader: VectorReader): CertifiedSearch {
  const { vectors, queryRows, k, largestError } = data;
  const { rows, cols, errors, halfNorms, quantiser } = table;
  const kernel = createCodeKernel(table, data.mostCandidates);
  const vectorsOf = rowVectors(vectors, reader);
  const everyRow = Int32Array.from({ length: rows }, (_, row) => row);

  function encodePlaces({ start, end }: { start: number; end: number }): number {
    encodeInto(table, reader.read(start, end), start);
    let greatest = 0;
    for (let row = start; row < end; row++) greatest = Math.max(greatest, errors[row]);
    return greatest;
  }

  async function searchByCodes({ queries: listed, candidates }: SearchTask): Promise<Int32Array> {
    const { queries, scan } = await kernel;
    const capacity = Math.min(rows, candidates);
    const blocks: CodeQueries[] = [];
    for (let from = 0; from < listed.length; from += QUERY_ROWS) {
      const places = listed.subarray(from, from + QUERY_ROWS).map((query) => (queryRows ? queryRows[query] : query));
      blocks.push(queries(places, capacity));
    }
    await scan(blocks, everyRow);
    return Int32Array.from(
      blocks.flatMap((block, b) => settle(block, listed.subarray(b * QUERY_ROWS, (b + 1) * QUERY_ROWS), capacity)),
    );
  }

  /** Take exact distances, nearest by codes first, until no further row can be among the k nearest. */
  function settle({ places: queries, list }: CodeQueries, results: Int32Array, capacity: number): number[] {
    const candidates = new Int32Array(queries.length * capacity);
    const scores = new Int32Array(candidates.length);
    list.write(candidates, 0, scores);
    const { values, placeOf } = vectorsOf(queries, candidates);
    const unproved: number[] = [];
    const nearest = createNearestList(Math.min(rows, k + 1));
    for (let q = 0; q < queries.length; q++) {
      nearest.clear();
      const query = placeOf(queries[q]);
      const halfNorm = halfNorms[queries[q]];
      const slack = errors[queries[q]] + largestError[0];
      const least = (score: number): number => leastDistance(quantiser, halfNorm, score, slack);
      for (let c = q * capacity; c < (q + 1) * capacity; c++) {
        if (least(scores[c]) > nearest.farthest()) break;
        nearest.offer(candidates[c], squaredDistance(values, query, values, placeOf(candidates[c]), cols));
      }
      const proved = capacity === rows || least(list.thresholds[q]) > nearest.farthest();
      if (proved) nearest.write(queries[q], k, data.neighbours, data.distances, results[q] * k);
      else unproved.push(results[q]);
    }
    return unproved;
  }

  return { encodePlaces, searchByCodes };
}
