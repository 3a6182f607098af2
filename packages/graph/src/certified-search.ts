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
import { mergeLists } from './pair-search.js';
import { rowVectors } from './row-vectors.js';

interface Block {
  start: number;
  end: number;
}

/** A search by codes whose lists are proved. */
export interface CertifiedSearch {
  /** Put the rows of these places into the table. @returns the greatest error among them */
  encodePlaces(block: Block): number;
  /**
   * Find the neighbours of queries by codes, and prove each list with the triangle inequality: a row that was left
   * out is at least its distance by codes, less both errors of coding, away. With fewer candidates, fewer lists can be
   * proved.
   *
   * @returns the queries whose list is not proved
   */
  searchByCodes(task: SearchTask): Promise<Int32Array>;
  /** Prove the lists of rows whose candidates a search of pairs has found. @returns the rows whose list is not proved */
  settlePairs(block: Block): Int32Array;
}

/** @param table empty; all places are to be encoded before the first search */
export function createCertifiedSearch(data: ExactData, table: CodeTable, reader: VectorReader): CertifiedSearch {
  const { vectors, queryRows, k, largestError, pairs } = data;
  const { rows, cols, errors, halfNorms, quantiser } = table;
  let kernel: ReturnType<typeof createCodeKernel> | undefined;
  const vectorsOf = rowVectors(vectors, reader);
  const nearest = createNearestList(Math.min(rows, k + 1));

  function encodePlaces({ start, end }: Block): number {
    encodeInto(table, reader.read(start, end), start);
    let greatest = 0;
    for (let row = start; row < end; row++) greatest = Math.max(greatest, errors[row]);
    return greatest;
  }

  async function searchByCodes({ queries: listed, candidates }: SearchTask): Promise<Int32Array> {
    kernel ??= createCodeKernel(table, data.mostCandidates);
    const { queries, scan } = await kernel;
    const capacity = Math.min(rows, candidates);
    const blocks: CodeQueries[] = [];
    for (let from = 0; from < listed.length; from += QUERY_ROWS) {
      const places = listed.subarray(from, from + QUERY_ROWS).map((query) => (queryRows ? queryRows[query] : query));
      blocks.push(queries(places, capacity));
    }
    await scan(
      blocks,
      Int32Array.from({ length: rows }, (_, row) => row),
    );
    const unproved = blocks.flatMap(({ places, list }, b) => {
      const candidateRows = new Int32Array(places.length * capacity);
      const scores = new Int32Array(candidateRows.length);
      list.write(candidateRows, 0, scores);
      return settle(places, candidateRows, scores, listed.subarray(b * QUERY_ROWS, (b + 1) * QUERY_ROWS));
    });
    return Int32Array.from(unproved);
  }

  function settlePairs({ start, end }: Block): Int32Array {
    if (pairs === undefined) throw new Error('no pairs were searched');
    const unproved: number[] = [];
    for (let first = start; first < end; first += QUERY_ROWS) {
      const last = Math.min(end, first + QUERY_ROWS);
      const candidateRows = new Int32Array((last - first) * pairs.capacity);
      const scores = new Int32Array(candidateRows.length);
      mergeLists(pairs, first, last, candidateRows, scores);
      const queries = Int32Array.from({ length: last - first }, (_, i) => first + i);
      unproved.push(...settle(queries, candidateRows, scores, queries));
    }
    return Int32Array.from(unproved);
  }

  /**
   * Take exact distances, nearest by codes first, until no further row can be among the k nearest.
   *
   * @param candidates queries × capacity rows
   * @param results where each query's list goes
   * @returns those of `results` whose list is not proved
   */
  function settle(queries: Int32Array, candidates: Int32Array, scores: Int32Array, results: Int32Array): number[] {
    const capacity = candidates.length / queries.length;
    const { values, placeOf } = vectorsOf(queries, candidates);
    const unproved: number[] = [];
    for (let q = 0, end = capacity; q < queries.length; q++, end += capacity) {
      nearest.clear();
      const query = placeOf(queries[q]);
      const halfNorm = halfNorms[queries[q]];
      const slack = errors[queries[q]] + largestError[0];
      const least = (score: number): number => leastDistance(quantiser, halfNorm, score, slack);
      for (let c = end - capacity; c < end && least(scores[c]) <= nearest.farthest(); c++) {
        nearest.offer(candidates[c], squaredDistance(values, query, values, placeOf(candidates[c]), cols));
      }
      const proved = capacity === rows || least(scores[end - 1]) > nearest.farthest();
      if (proved) nearest.write(queries[q], k, data.neighbours, data.distances, results[q] * k);
      else unproved.push(results[q]);
    }
    return unproved;
  }

  return { encodePlaces, searchByCodes, settlePairs };
}
