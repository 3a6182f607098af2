import { addCosts, type Cost, costOf, inParts, rowMask, type Steps } from '@coreset/core';
import { orderCost, type SelectWorkload } from '../cost.js';
import type { Selection } from '../selection.js';
import { greatestFirst, need, type SelectorInput } from './input.js';

/**
 * SemDeDup (Abbas et al. 2023) with a budget in place of its threshold ε. A row is a duplicate at ε when a
 * preferred row lies nearer than ε; preferred is the row farther from its prototype, as in the paper, and
 * the earlier of equals. So the row whose nearest preferred neighbour is farthest goes first, and the first
 * B rows are what SemDeDup keeps at the ε that leaves B. Only listed neighbours count.
 */
export function* semdedup(input: SelectorInput): Steps<Selection> {
  const { k, neighbours, distances, representative } = need(input, 'graph', 'semdedup');
  const { rows, budget, scores } = input;
  const preferred = (a: number, b: number): boolean => {
    const difference = scores ? scores[a] - scores[b] : 0;
    return difference > 0 || (difference === 0 && a < b);
  };
  const distance = new Float64Array(rows).fill(Number.MAX_VALUE);
  const by = new Int32Array(rows).fill(-1);
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      if (representative[i] !== i) {
        distance[i] = 0;
        by[i] = representative[i];
        continue;
      }
      for (let e = i * k; e < (i + 1) * k; e++) {
        // A duplicate represents no row: with its representative it could make a circle.
        if (representative[neighbours[e]] !== neighbours[e] || !preferred(neighbours[e], i)) continue;
        distance[i] = distances[e];
        by[i] = neighbours[e];
        break;
      }
    }
  });
  const order = yield* greatestFirst(distance, budget);
  yield* followToKept(by, rowMask(rows, order));
  return { order, rows, by, scoreBefore: distance, scoreAfter: distance };
}

/** Where the row that stands for another was not kept, the row that stands for that one takes its place, and so on. */
function* followToKept(by: Int32Array, kept: Uint8Array): Steps<void> {
  yield* inParts(by.length, (start, end) => {
    for (let i = start; i < end; i++) {
      let last = by[i];
      while (last >= 0 && !kept[last]) last = by[last];
      // Rows on the way end at the same row.
      for (let row = i; row !== last && row >= 0; ) {
        const next = by[row];
        by[row] = last;
        row = next;
      }
    }
  });
}

const PER_EDGE = 5e-9;

/** One look at the edges, and an order. */
export function semdedupCost(workload: SelectWorkload): Cost {
  return addCosts(orderCost(workload), costOf({ serial: workload.rows * workload.k * PER_EDGE }));
}
