import { workerData } from 'node:worker_threads';
import { type Matrix, openVectors, serveTasks } from '@coreset/core';
import { createNearestKernel, queriesOf, SPARE_CANDIDATES } from './nearest-kernel.js';
import { createTopList } from './top-list.js';

/** Shared with every worker; all arrays in shared memory. */
export interface IvfData {
  vectors: Matrix;
  k: number;
  /** Rows by list: those of list l are `members[offsets[l]]` to `members[offsets[l + 1] - 1]`. */
  members: Int32Array;
  offsets: Int32Array;
  /** lists × probes: the lists searched for the rows of a list, −1 beyond the last. */
  probes: Int32Array;
  probesPerList: number;
  /** rows × k, the result of the search and the input of a refinement. */
  neighbours: Int32Array;
  distances: Float32Array;
  /** rows × k, the result of a refinement. */
  refinedNeighbours: Int32Array;
  refinedDistances: Float32Array;
  /** The first rows that list each row, in compressed rows. */
  reverseOffsets: Int32Array;
  reverse: Int32Array;
}

const QUERY_ROWS = 512;
const BASE_ROWS = 8192;
/** Neighbours expanded per row, and taken from the list of each: enough to mend what the lists' borders cut off. */
const EXPANDED = 12;
const EARLY_EXIT_COLS = 64;

const data = workerData as IvfData;
const { vectors, k, members, offsets, probes, probesPerList } = data;
const { cols } = vectors;
const reader = openVectors(vectors);
const kernel = createNearestKernel(cols, k + 1 + SPARE_CANDIDATES);

function baseRowsOf(list: number): Int32Array {
  const lists = probes.subarray(list * probesPerList, (list + 1) * probesPerList).filter((probe) => probe >= 0);
  const base = new Int32Array(lists.reduce((sum, l) => sum + offsets[l + 1] - offsets[l], 0));
  let filled = 0;
  for (const l of lists) {
    base.set(members.subarray(offsets[l], offsets[l + 1]), filled);
    filled += offsets[l + 1] - offsets[l];
  }
  // In ascending order equal distances go to the lowest row, whatever the lists are.
  return base.sort();
}

/** Search the rows of a few lists among the lists that they probe. */
async function searchLists({ start, end }: { start: number; end: number }): Promise<void> {
  for (let list = start; list < end; list++) {
    const base = baseRowsOf(list);
    for (let from = offsets[list]; from < offsets[list + 1]; from += QUERY_ROWS) {
      const rows = members.subarray(from, Math.min(offsets[list + 1], from + QUERY_ROWS));
      const queries = queriesOf(reader.gather(rows), cols);
      const top = createTopList(rows.length, k + 1 + SPARE_CANDIDATES);
      for (let b = 0; b < base.length; b += BASE_ROWS) {
        const part = base.subarray(b, Math.min(base.length, b + BASE_ROWS));
        await (await kernel).scan(top, queries, reader.gather(part), part.length, (index) => part[index]);
      }
      for (let q = 0; q < rows.length; q++) {
        const at = rows[q] * k;
        const written = top.take(q, rows[q], k, data.neighbours, data.distances, at);
        data.neighbours.fill(-1, at + written, at + k);
        data.distances.fill(Number.POSITIVE_INFINITY, at + written, at + k);
      }
    }
  }
}

const seen = new Int32Array(vectors.rows).fill(-1);

/** Squared distance, or anything above `limit` as soon as it is passed. */
function squaredDistanceUpTo(a: number, b: number, limit: number): number {
  const { data: values } = vectors;
  let sum = 0;
  for (let c = 0; c < cols; ) {
    for (const stop = Math.min(cols, c + EARLY_EXIT_COLS); c < stop; c++) {
      const difference = values[a + c] - values[b + c];
      sum += difference * difference;
    }
    if (sum > limit) return sum;
  }
  return sum;
}

/** Offer each row of a block the neighbours of its neighbours, and of the rows that list it. */
function refineBlock({ start, end }: { start: number; end: number }): number {
  const { neighbours, distances, refinedNeighbours, refinedDistances, reverseOffsets, reverse } = data;
  const rows = new Int32Array(k);
  const squared = new Float64Array(k);
  let improved = 0;
  for (let i = start; i < end; i++) {
    seen[i] = i;
    for (let e = 0; e < k; e++) {
      rows[e] = neighbours[i * k + e];
      squared[e] = distances[i * k + e] ** 2;
      if (rows[e] >= 0) seen[rows[e]] = i;
    }
    const offer = (row: number): void => {
      if (row < 0 || seen[row] === i) return;
      seen[row] = i;
      const distance = squaredDistanceUpTo(i * cols, row * cols, squared[k - 1]);
      if (distance > squared[k - 1] || (distance === squared[k - 1] && row > rows[k - 1])) return;
      let at = k - 1;
      while (at > 0 && (squared[at - 1] > distance || (squared[at - 1] === distance && rows[at - 1] > row))) {
        rows[at] = rows[at - 1];
        squared[at] = squared[at - 1];
        at--;
      }
      rows[at] = row;
      squared[at] = distance;
      improved++;
    };
    const expand = (row: number): void => {
      offer(row);
      for (let e = row * k; e < row * k + Math.min(k, EXPANDED); e++) offer(neighbours[e]);
    };
    for (let e = i * k; e < i * k + Math.min(k, EXPANDED); e++) if (neighbours[e] >= 0) expand(neighbours[e]);
    for (let r = reverseOffsets[i]; r < reverseOffsets[i + 1]; r++) expand(reverse[r]);
    refinedNeighbours.set(rows, i * k);
    for (let e = 0; e < k; e++) refinedDistances[i * k + e] = Math.sqrt(squared[e]);
  }
  return improved;
}

serveTasks({ searchLists, refineBlock });
