import { squaredDistance, type VectorReader } from '@coreset/core';
import { NOTHING_LEFT_OUT } from './candidate-list.js';
import { BASE_ROWS, type CodeQueries, createCodeKernel, QUERY_ROWS } from './code-kernel.js';
import { type CodeTable, encodeInto } from './code-table.js';
import type { ExactData, SearchTask } from './exact-worker.js';
import { createNearestList } from './nearest-list.js';
import { leastDistance } from './quantise.js';
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
  const kernel = createCodeKernel(table);
  const vectorsOf = rowVectors(vectors, reader);

  /**
   * Rows that follow each other are often alike, and a block shows only so many of its groups: so they are dealt out,
   * block b holds the rows b, b + blocks, b + 2 blocks …
   */
  const blockCount = Math.ceil(rows / BASE_ROWS);
  const rowAt = new Int32Array(rows);
  const placeOfRow = new Int32Array(rows);
  const baseBlocks: Int32Array[] = [];
  for (let b = 0, place = 0; b < blockCount; b++) {
    const length = Math.ceil((rows - b) / blockCount);
    const first = place;
    baseBlocks.push(Int32Array.from({ length }, (_, i) => first + i));
    for (let row = b; row < rows; row += blockCount, place++) {
      rowAt[place] = row;
      placeOfRow[row] = place;
    }
  }

  function encodePlaces({ start, end }: { start: number; end: number }): number {
    encodeInto(table, reader.gather(rowAt.subarray(start, end)), start);
    let greatest = 0;
    for (let place = start; place < end; place++) greatest = Math.max(greatest, errors[place]);
    return greatest;
  }

  /** The share of the candidates that a block is likely to hold, and two standard deviations more. */
  function groupsPerBlock(capacity: number): number {
    const share = capacity / blockCount;
    return Math.min(capacity, Math.ceil(share + 2 * Math.sqrt(share)) + 1);
  }

  async function searchByCodes({ queries: listed, candidates }: SearchTask): Promise<Int32Array> {
    const { queries, scan } = await kernel;
    const capacity = Math.min(rows, candidates);
    const blocks: CodeQueries[] = [];
    for (let from = 0; from < listed.length; from += QUERY_ROWS) {
      const places = listed
        .subarray(from, from + QUERY_ROWS)
        .map((query) => placeOfRow[queryRows ? queryRows[query] : query]);
      blocks.push(queries(places, capacity));
    }
    for (const base of baseBlocks) await scan(blocks, base, groupsPerBlock(capacity));
    return Int32Array.from(
      blocks.flatMap((block, b) => settle(block, listed.subarray(b * QUERY_ROWS, (b + 1) * QUERY_ROWS), capacity)),
    );
  }

  /** Take exact distances, nearest by codes first, until no further row can be among the k nearest. */
  function settle({ places, list }: CodeQueries, results: Int32Array, capacity: number): number[] {
    const { scores, sizes, leftOut } = list;
    const queries = places.map((place) => rowAt[place]);
    const candidates = list.rows.map((place) => rowAt[place]);
    const { values, placeOf } = vectorsOf(queries, candidates);
    const unproved: number[] = [];
    const nearest = createNearestList(Math.min(rows, k + 1));
    for (let q = 0; q < queries.length; q++) {
      nearest.clear();
      const query = placeOf(queries[q]);
      const halfNorm = halfNorms[places[q]];
      const slack = errors[places[q]] + largestError[0];
      const least = (score: number): number => leastDistance(quantiser, halfNorm, score, slack);
      for (let c = q * capacity; c < q * capacity + sizes[q]; c++) {
        if (least(scores[c]) > nearest.farthest()) break;
        nearest.offer(candidates[c], squaredDistance(values, query, values, placeOf(candidates[c]), cols));
      }
      const proved = leftOut[q] === NOTHING_LEFT_OUT || least(leftOut[q]) > nearest.farthest();
      if (proved) nearest.write(queries[q], k, data.neighbours, data.distances, results[q] * k);
      else unproved.push(results[q]);
    }
    return unproved;
  }

  return { encodePlaces, searchByCodes };
}
