import { type Cost, seededRandom } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import type { Selection } from '../selection.js';
import { cosineColumns } from '../similarity.js';
import { need, type SelectorInput } from './input.js';

/**
 * Greedy k-center (Sener & Savarese 2018): start at a random row, then always take the row that lies
 * farthest from all picked ones. Rows are compared by cosine (on vectors of length 1 the same as Euclidean).
 * Work grows with budget × rows.
 */
export async function kCenter(input: SelectorInput): Promise<Selection> {
  const { rows, budget, seed = 0 } = input;
  const cosines = await cosineColumns(need(input, 'vectors', 'k-center'), input.signal);
  const nearest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
  const by = new Int32Array(rows).fill(-1);
  const order = new Int32Array(budget);
  const picked = new Uint8Array(rows);
  let next = seededRandom(seed).below(rows);
  for (let pick = 0; pick < budget; pick++) {
    order[pick] = next;
    picked[next] = 1;
    const column = await cosines.of([next]);
    const current = next;
    next = -1;
    for (let i = 0; i < rows; i++) {
      if (column[i] > nearest[i]) {
        nearest[i] = column[i];
        by[i] = current;
      }
      if (!picked[i] && (next < 0 || nearest[i] < nearest[next])) next = i;
    }
  }
  const distance = nearest.map((cosine) => 1 - cosine);
  return { order, rows, by, scoreBefore: distance, scoreAfter: distance };
}

/** A column of cosines per pick: budget × rows × cols. */
export function kCenterCost(workload: SelectWorkload): Cost {
  return cosineCost(workload, workload.budget);
}
