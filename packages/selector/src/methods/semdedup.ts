import { addCosts, type Cost, costOf, fallingOrder, inParts, type Steps } from '@coreset/core';
import { orderCost, type SelectWorkload } from '../cost.js';
import { OrderPicker, type Picker } from '../picker.js';
import { need, type SelectorInput } from './input.js';

/**
 * SemDeDup (Abbas et al. 2023) with a budget in place of its threshold ε. A row is a duplicate at ε when a
 * preferred row lies nearer than ε; preferred is the row farther from its prototype, as in the paper, and
 * the earlier of equals. So the row whose nearest preferred neighbour is farthest goes first, and the first
 * B rows are what SemDeDup keeps at the ε that leaves B. Only listed neighbours count.
 */
export function* semdedup(input: SelectorInput): Steps<Picker> {
  const { k, neighbours, distances, representative } = need(input, 'graph', 'semdedup');
  const { rows, scores } = input;
  const isPreferred = (a: number, b: number): boolean => {
    const difference = scores ? scores[a] - scores[b] : 0;
    return difference > 0 || (difference === 0 && a < b);
  };
  const distance = new Float64Array(rows).fill(Number.MAX_VALUE);
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      if (representative[i] !== i) {
        distance[i] = 0;
        continue;
      }
      for (let e = i * k; e < (i + 1) * k; e++) {
        if (neighbours[e] === i || representative[neighbours[e]] !== neighbours[e] || !isPreferred(neighbours[e], i))
          continue;
        distance[i] = distances[e];
        break;
      }
    }
  });
  return new OrderPicker(yield* fallingOrder(distance), distance);
}

const PER_EDGE = 5e-9;

/** One look at the edges, and an order. */
export function semdedupCost(workload: SelectWorkload): Cost {
  return addCosts(orderCost(workload), costOf({ serial: workload.rows * workload.k * PER_EDGE }));
}
