import { type Cost, inParts, inTurns, type Matrix, requireNumber, type Steps, withDefaults } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import type { Selection } from '../selection.js';
import { cosineColumns } from '../similarity.js';
import { need, type SelectorInput } from './input.js';

/** Options of {@link graphCut}. */
export interface GraphCutOptions {
  /** λ from 0 to 1e100: how much representing all rows counts against repeating picked ones. Default: 1. */
  lambda?: number;
}

/** Beyond it sums of cosines times λ could overflow. */
const GREATEST_LAMBDA = 1e100;

/** What {@link GraphCutOptions} are where they are not given. */
export const GRAPH_CUT_DEFAULTS: Required<GraphCutOptions> = { lambda: 1 };

/** Every option of {@link GraphCutOptions}. */
export const GRAPH_CUT_OPTIONS: Readonly<Record<keyof GraphCutOptions, true>> = { lambda: true };

/**
 * Graph cut: greedily maximise λ Σ_{i∈V, j∈S} s_ij − Σ_{i,j∈S} s_ij with s the cosine. The first sum is a
 * product with the sum of all rows, and each pick lowers the gains by one column of cosines, so nothing of
 * size rows² is ever held. Work grows with budget × rows.
 */
export async function graphCut(input: SelectorInput, options: GraphCutOptions = {}): Promise<Selection> {
  const { lambda } = withDefaults(options, GRAPH_CUT_DEFAULTS);
  requireNumber('lambda', lambda, 0, GREATEST_LAMBDA);
  const { rows, budget } = input;
  const cosines = await cosineColumns(need(input, 'vectors', 'graph-cut'), input.signal);
  const gains = await inTurns(initialGains(cosines.unit, lambda), input.signal);
  const scoreBefore = gains.slice();
  const order = new Int32Array(budget);
  const by = new Int32Array(rows).fill(-1);
  const nearest = new Float64Array(rows);
  const picked = new Uint8Array(rows);
  for (let pick = 0; pick < budget; pick++) {
    let best = -1;
    for (let i = 0; i < rows; i++) if (!picked[i] && (best < 0 || gains[i] > gains[best])) best = i;
    order[pick] = best;
    picked[best] = 1;
    const column = await cosines.of([best]);
    for (let i = 0; i < rows; i++) {
      if (picked[i]) continue;
      gains[i] -= 2 * column[i];
      if (column[i] > nearest[i]) {
        nearest[i] = column[i];
        by[i] = best;
      }
    }
  }
  return { order, rows, by, scoreBefore, scoreAfter: gains };
}

const ROWS_AT_ONCE = 1024;

function* initialGains({ data, rows, cols }: Matrix, lambda: number): Steps<Float64Array> {
  const total = new Float64Array(cols);
  yield* inParts(
    rows,
    (start, end) => {
      for (let i = start; i < end; i++) for (let c = 0; c < cols; c++) total[c] += data[i * cols + c];
    },
    ROWS_AT_ONCE,
  );
  const gains = new Float64Array(rows);
  yield* inParts(
    rows,
    (start, end) => {
      for (let i = start; i < end; i++) {
        let dot = 0;
        let self = 0;
        for (let c = 0; c < cols; c++) {
          dot += data[i * cols + c] * total[c];
          self += data[i * cols + c] * data[i * cols + c];
        }
        gains[i] = lambda * dot - self;
      }
    },
    ROWS_AT_ONCE,
  );
  return gains;
}

/** A column of cosines per pick: budget × rows × cols. */
export function graphCutCost(workload: SelectWorkload): Cost {
  return cosineCost(workload, workload.budget);
}
