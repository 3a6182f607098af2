import { type Cost, inParts, inTurns } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import { MaxHeap } from '../max-heap.js';
import type { Selection } from '../selection.js';
import { type CosineColumns, cosineColumns } from '../similarity.js';
import { need, type SelectorInput } from './input.js';

const INITIAL_ROWS = 64;
const EVALUATED_AT_ONCE = 16;

/**
 * Facility location: greedily maximise Σ_i max_{j∈S} s_ij with s the cosine, 0 where it is negative: each
 * row is represented by the most similar row kept. Lazy greedy (Minoux 1978): a gain can only fall, so it
 * is evaluated anew only at the top of the heap. Columns of cosines are made as they are needed and never
 * held together. Work grows with rows².
 */
export async function facilityLocation(input: SelectorInput): Promise<Selection> {
  const { rows, budget } = input;
  const cosines = await cosineColumns(need(input, 'vectors', 'facility-location'), input.signal);
  const covered = new Float64Array(rows);
  const by = new Int32Array(rows).fill(-1);
  const initial = await initialGains(cosines, input.signal);
  const scoreBefore = initial.slice();
  const heap = new MaxHeap(initial);
  const evaluatedAt = new Int32Array(rows); // the number of picks at which the gain was evaluated
  const order = new Int32Array(budget);
  for (let pick = 0; pick < budget; pick++) {
    while (evaluatedAt[heap.peek()] !== pick) {
      const stale = staleTop(heap, evaluatedAt, pick);
      const columns = await cosines.of(stale);
      const evaluate = (s: number): void => {
        let gain = 0;
        for (let i = 0, c = s * rows; i < rows; i++, c++) if (columns[c] > covered[i]) gain += columns[c] - covered[i];
        evaluatedAt[stale[s]] = pick;
        heap.update(stale[s], gain);
      };
      await inTurns(inParts(stale.length, evaluate, 1), input.signal);
    }
    const best = heap.pop();
    order[pick] = best;
    const column = await cosines.of([best]);
    for (let i = 0; i < rows; i++) {
      if (column[i] <= covered[i]) continue;
      covered[i] = column[i];
      by[i] = best;
    }
  }
  return { order, rows, by, scoreBefore, scoreAfter: heap.lastKeys() };
}

async function initialGains(cosines: CosineColumns, signal: AbortSignal | undefined): Promise<Float64Array> {
  const { rows } = cosines.unit;
  const gains = new Float64Array(rows);
  for (let start = 0; start < rows; start += INITIAL_ROWS) {
    const listed = Array.from({ length: Math.min(INITIAL_ROWS, rows - start) }, (_, l) => start + l);
    const columns = await cosines.of(listed);
    const add = (l: number): void => {
      let gain = 0;
      for (let c = l * rows; c < (l + 1) * rows; c++) if (columns[c] > 0) gain += columns[c];
      gains[start + l] = gain;
    };
    await inTurns(inParts(listed.length, add, 1), signal);
  }
  return gains;
}

/** A few items near the top of the heap whose gain is out of date; the top one is among them. */
function staleTop(heap: MaxHeap, evaluatedAt: Int32Array, pick: number): number[] {
  return Array.from(heap.top(EVALUATED_AT_ONCE)).filter((item) => evaluatedAt[item] !== pick);
}

/** Gains of a row that are evaluated anew: on embeddings of texts about 1.2 times the fourth root of the picks. */
const REEVALUATED = { factor: 1.2, power: 0.25 };

/** A column of cosines per row for the first gains, then per pick its own and those of the gains that are evaluated anew. */
export function facilityLocationCost(workload: SelectWorkload): Cost {
  const { rows, budget } = workload;
  const evaluated = rows * REEVALUATED.factor * budget ** REEVALUATED.power;
  return cosineCost(workload, budget, rows + evaluated);
}
