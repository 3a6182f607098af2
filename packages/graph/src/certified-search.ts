import { openVectors, squaredDistance } from '@coreset/core';
import { NOTHING_LEFT_OUT } from './candidate-list.js';
import { BASE_ROWS, type CodeQueries, createCodeKernel, QUERY_ROWS } from './code-kernel.js';
import { type CodeTable, codeArrays, encodeInto } from './code-table.js';
import type { ExactData } from './exact-worker.js';
import { createNearestList } from './nearest-list.js';
import { vectorsOf } from './row-vectors.js';

/** A search by codes whose lists are proved. */
export interface CertifiedSearch {
  /** Put rows into the table. @returns the greatest error among them */
  encodeRows(block: { start: number; end: number }): number;
  /**
   * Find the neighbours of a block of queries by codes, and prove each list with the triangle inequality: a row
   * that was left out is at least its distance by codes, less both errors of coding, away.
   *
   * @returns the queries whose list is not proved
   */
  searchBlock(block: { start: number; end: number }): Promise<Int32Array>;
}

/** @param table row i at place i */
export function createCertifiedSearch(data: ExactData, table: CodeTable): CertifiedSearch {
  const { vectors, queryRows, k, largestError } = data;
  const { rows, cols, errors } = table;
  const { scale } = table.quantiser;
  const arrays = codeArrays(table);
  const reader = openVectors(vectors);
  const kernel = createCodeKernel(table);
  /** Candidates kept per query: with fewer, fewer lists can be proved. */
  const capacity = Math.min(rows, 10 + Math.ceil(2.5 * k));

  function encodeRows({ start, end }: { start: number; end: number }): number {
    encodeInto(table, arrays, reader.read(start, end), start);
    let greatest = 0;
    for (let i = start; i < end; i++) greatest = Math.max(greatest, errors[i]);
    return greatest;
  }

  /**
   * Rows that follow each other are often alike, and a block shows only so many of its groups: so block b of the base
   * holds the rows b, b + blocks, b + 2 blocks …
   */
  const blockCount = Math.ceil(rows / BASE_ROWS);
  const baseBlocks = Array.from({ length: blockCount }, (_, b) =>
    Int32Array.from({ length: Math.ceil((rows - b) / blockCount) }, (_, i) => b + i * blockCount),
  );

  /** The share of the candidates that a block is likely to hold, and three standard deviations more. */
  function groupsPerBlock(): number {
    const share = capacity / blockCount;
    return Math.min(capacity, Math.ceil(share + 3 * Math.sqrt(share)) + 1);
  }

  async function searchBlock({ start, end }: { start: number; end: number }): Promise<Int32Array> {
    const { queries, scan } = await kernel;
    const blocks: CodeQueries[] = [];
    for (let from = start; from < end; from += QUERY_ROWS) {
      const length = Math.min(end - from, QUERY_ROWS);
      blocks.push(
        queries(queryRows?.slice(from, from + length) ?? Int32Array.from({ length }, (_, i) => from + i), capacity),
      );
    }
    for (const base of baseBlocks) await scan(blocks, base, groupsPerBlock());
    return Int32Array.from(blocks.flatMap((block, b) => settle(block, start + b * QUERY_ROWS)));
  }

  /** Take exact distances, nearest by codes first, until no further row can be among the k nearest. */
  function settle({ places: queries, list }: CodeQueries, first: number): number[] {
    const { rows: candidates, scores, sizes, leftOut } = list;
    const { values, placeOf } = vectorsOf(vectors, reader, queries, candidates);
    const unproved: number[] = [];
    const nearest = createNearestList(Math.min(rows, k + 1));
    for (let q = 0; q < queries.length; q++) {
      nearest.clear();
      const row = queries[q];
      const query = placeOf(row);
      const slack = errors[row] + largestError[0];
      // The halves of the norms were rounded down, so this is never too much.
      const leastDistance = (score: number): number =>
        Math.sqrt(Math.max(0, 2 * (arrays.halfNorms[row] - score))) / scale - slack;
      for (let c = q * capacity; c < q * capacity + sizes[q]; c++) {
        if (leastDistance(scores[c]) > nearest.farthest()) break;
        nearest.offer(candidates[c], squaredDistance(values, query, values, placeOf(candidates[c]), cols));
      }
      const proved = leftOut[q] === NOTHING_LEFT_OUT || leastDistance(leftOut[q]) > nearest.farthest();
      if (proved) nearest.write(row, k, data.neighbours, data.distances, (first + q) * k);
      else unproved.push(first + q);
    }
    return unproved;
  }

  return { encodeRows, searchBlock };
}
