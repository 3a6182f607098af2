import { type Block, range, ranges, type VectorReader } from '@coreset/core';
import {
  type CodeTable,
  createBlockSearch,
  leastDistance,
  leastScore,
  QUERY_ROWS,
  type QueryBlock,
  RowEncoder,
} from '@coreset/kernels';
import { NearestList } from '../nearest-list.js';
import { RowDistances } from '../row-distances.js';
import type { ExactData, SearchTask, Unverified } from './data.js';
import { mergeLists } from './pair-lists.js';

/** A search by codes that tells which of its lists are guaranteed to be exact. */
export interface VerifiedSearch {
  /** Put the codes of rows into the table. @returns the greatest error among them */
  encodeRows(block: Block): number;
  /**
   * Find the neighbours of queries by codes, and verify each list with the triangle inequality: the distance of a row that is
   * no candidate is at least the distance of the codes less the errors of both. With fewer candidates, fewer lists are
   * verified.
   */
  searchCodes(task: SearchTask): Promise<Unverified>;
  /** Verify the lists of rows whose candidates a search of pairs has found. */
  verifyPairs(block: Block): Unverified;
}

/** @param table empty; all rows are to be encoded before the first search */
export function createVerifiedSearch(data: ExactData, table: CodeTable, reader: VectorReader): VerifiedSearch {
  const { vectors, queryRows, k, largestError, pairs } = data;
  const { rows, errors, normTerms, quantiser } = table;
  let search: ReturnType<typeof createBlockSearch> | undefined;
  const encoder = new RowEncoder(table);
  const exact = new RowDistances(vectors, reader, data.memory);
  const nearest = new NearestList(Math.min(rows, k + 1));

  function encodeRows({ start, end }: Block): number {
    encoder.putFrom(reader, start, end);
    let greatest = 0;
    for (let row = start; row < end; row++) greatest = Math.max(greatest, errors[row]);
    return greatest;
  }

  async function searchCodes({ queries: listed, candidates, leastScores }: SearchTask): Promise<Unverified> {
    search ??= createBlockSearch(table, data.mostCandidates);
    const { queries, scan } = await search;
    const capacity = Math.min(rows, candidates);
    const blocks: QueryBlock[] = [];
    for (let from = 0; from < listed.length; from += QUERY_ROWS) {
      const slots = listed.subarray(from, from + QUERY_ROWS).map((query) => (queryRows ? queryRows[query] : query));
      const block = queries(slots, capacity);
      if (leastScores) block.lists.thresholds.set(leastScores.subarray(from, from + QUERY_ROWS));
      blocks.push(block);
    }
    await scan(blocks, range(0, rows));
    return verify(
      blocks.map(({ slots, lists }, b) => {
        const found = emptyFindings(slots, capacity, listed.subarray(b * QUERY_ROWS, (b + 1) * QUERY_ROWS));
        lists.write(0, slots.length, found.candidates, 0, found.scores);
        found.bounds.set(lists.thresholds);
        return found;
      }),
    );
  }

  function verifyPairs({ start, end }: Block): Unverified {
    if (pairs === undefined) throw new Error('no pairs were searched');
    return verify(
      ranges(start, end, QUERY_ROWS).map((queries) => {
        const found = emptyFindings(queries, pairs.capacity, queries);
        mergeLists(pairs, queries[0], found.candidates, found.scores, found.bounds);
        return found;
      }),
    );
  }

  function verify(blocks: Findings[]): Unverified {
    const unverified: number[] = [];
    const leastScores: number[] = [];
    for (const found of blocks) {
      exact.read(found.queries, found.candidates);
      for (let q = 0; q < found.queries.length; q++) {
        const query = found.queries[q];
        const slack = errors[query] + largestError[0];
        if (nearestAmong(found, q, table, slack, exact, nearest)) {
          nearest.write(query, k, data.neighbours, data.distances, found.results[q] * k);
        } else {
          unverified.push(found.results[q]);
          leastScores.push(leastScore(quantiser, normTerms[query], nearest.farthest(), slack));
        }
      }
    }
    return { queries: Int32Array.from(unverified), leastScores: Int32Array.from(leastScores) };
  }

  return { encodeRows, searchCodes, verifyPairs };
}

/** What a search by codes found for a block of queries. */
interface Findings {
  queries: Int32Array;
  /** queries × capacity rows of falling score, −1 beyond the last. */
  candidates: Int32Array;
  scores: Int32Array;
  /** Per query an upper bound: every row that is not among its candidates has a score of at most this. */
  bounds: Int32Array;
  /** The place of each query in the result. */
  results: Int32Array;
}

function emptyFindings(queries: Int32Array, capacity: number, results: Int32Array): Findings {
  const size = queries.length * capacity;
  return {
    queries,
    candidates: new Int32Array(size),
    scores: new Int32Array(size),
    bounds: new Int32Array(queries.length),
    results,
  };
}

/**
 * Rescore a query's candidates by exact distance, nearest by codes first, until no further one can be among the nearest.
 * @returns whether the list is verified: no row that is not among the candidates can be among the nearest
 */
function nearestAmong(
  { queries, candidates, scores, bounds }: Findings,
  q: number,
  { quantiser, normTerms }: CodeTable,
  slack: number,
  exact: RowDistances,
  nearest: NearestList,
): boolean {
  const capacity = candidates.length / queries.length;
  const query = queries[q];
  const normTerm = normTerms[query];
  nearest.clear();
  for (let c = q * capacity; c < (q + 1) * capacity && candidates[c] >= 0; c++) {
    if (leastDistance(quantiser, normTerm, scores[c], slack) > nearest.farthest()) break;
    nearest.push(candidates[c], exact.between(query, candidates[c]));
  }
  return leastDistance(quantiser, normTerm, bounds[q], slack) > nearest.farthest();
}
