import { range, ranges, type VectorReader } from '@coreset/core';
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
import { mergeLists } from './pair-search.js';
import type { ExactData, SearchTask, Unproved } from './worker.js';

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
   */
  searchByCodes(task: SearchTask): Promise<Unproved>;
  /** Prove the lists of rows whose candidates a search of pairs has found. */
  settlePairs(block: Block): Unproved;
}

/** @param table empty; all places are to be encoded before the first search */
export function createCertifiedSearch(data: ExactData, table: CodeTable, reader: VectorReader): CertifiedSearch {
  const { vectors, queryRows, k, largestError, pairs } = data;
  const { rows, errors, halfNorms, quantiser } = table;
  let kernel: ReturnType<typeof createBlockSearch> | undefined;
  const encoder = new RowEncoder(table);
  const exact = new RowDistances(vectors, reader, data.memory);
  const nearest = new NearestList(Math.min(rows, k + 1));

  function encodePlaces({ start, end }: Block): number {
    encoder.putFrom(reader, start, end);
    let greatest = 0;
    for (let row = start; row < end; row++) greatest = Math.max(greatest, errors[row]);
    return greatest;
  }

  async function searchByCodes({ queries: listed, candidates, leastScores }: SearchTask): Promise<Unproved> {
    kernel ??= createBlockSearch(table, data.mostCandidates);
    const { queries, scan } = await kernel;
    const capacity = Math.min(rows, candidates);
    const blocks: QueryBlock[] = [];
    for (let from = 0; from < listed.length; from += QUERY_ROWS) {
      const places = listed.subarray(from, from + QUERY_ROWS).map((query) => (queryRows ? queryRows[query] : query));
      const block = queries(places, capacity);
      if (leastScores) block.lists.thresholds.set(leastScores.subarray(from, from + QUERY_ROWS));
      blocks.push(block);
    }
    await scan(blocks, range(0, rows));
    return settle(
      blocks.map(({ places, lists }, b) => {
        const found = emptyFindings(places, capacity, listed.subarray(b * QUERY_ROWS, (b + 1) * QUERY_ROWS));
        lists.write(0, places.length, found.candidates, 0, found.scores);
        found.bounds.set(lists.thresholds);
        return found;
      }),
    );
  }

  function settlePairs({ start, end }: Block): Unproved {
    if (pairs === undefined) throw new Error('no pairs were searched');
    return settle(
      ranges(start, end, QUERY_ROWS).map((queries) => {
        const found = emptyFindings(queries, pairs.capacity, queries);
        mergeLists(pairs, queries[0], found.candidates, found.scores, found.bounds);
        return found;
      }),
    );
  }

  function settle(blocks: Findings[]): Unproved {
    const unproved: number[] = [];
    const leastScores: number[] = [];
    for (const found of blocks) {
      exact.read(found.queries, found.candidates);
      for (let q = 0; q < found.queries.length; q++) {
        const query = found.queries[q];
        const slack = errors[query] + largestError[0];
        if (nearestAmong(found, q, table, slack, exact, nearest)) {
          nearest.write(query, k, data.neighbours, data.distances, found.results[q] * k);
        } else {
          unproved.push(found.results[q]);
          leastScores.push(leastScore(quantiser, halfNorms[query], nearest.farthest(), slack));
        }
      }
    }
    return { queries: Int32Array.from(unproved), leastScores: Int32Array.from(leastScores) };
  }

  return { encodePlaces, searchByCodes, settlePairs };
}

/** What a search by codes found for a block of queries. */
interface Findings {
  queries: Int32Array;
  /** queries × capacity rows of falling score, −1 beyond the last. */
  candidates: Int32Array;
  scores: Int32Array;
  /** What no row exceeds that is not among them. */
  bounds: Int32Array;
  /** Where each query's list goes. */
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
 * Take a query's exact distances, nearest by codes first, until no further row can be among the nearest.
 * @returns whether no row that is not among the candidates can be
 */
function nearestAmong(
  { queries, candidates, scores, bounds }: Findings,
  q: number,
  { quantiser, halfNorms }: CodeTable,
  slack: number,
  exact: RowDistances,
  nearest: NearestList,
): boolean {
  const capacity = candidates.length / queries.length;
  const query = queries[q];
  const halfNorm = halfNorms[query];
  nearest.clear();
  for (let c = q * capacity; c < (q + 1) * capacity && candidates[c] >= 0; c++) {
    if (leastDistance(quantiser, halfNorm, scores[c], slack) > nearest.farthest()) break;
    nearest.offer(candidates[c], exact.between(query, candidates[c]));
  }
  return leastDistance(quantiser, halfNorm, bounds[q], slack) > nearest.farthest();
}
