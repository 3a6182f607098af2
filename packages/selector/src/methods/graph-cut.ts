import { type Cost, inParts, inTurns, type Matrix, requireNumber, type Steps, withDefaults } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import type { Picker } from '../picker.js';
import { type CosineColumns, cosineColumns } from '../similarity.js';
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
export async function graphCut(input: SelectorInput, options: GraphCutOptions = {}): Promise<Picker> {
  const { lambda } = withDefaults(options, GRAPH_CUT_DEFAULTS);
  requireNumber('lambda', lambda, 0, GREATEST_LAMBDA);
  const cosines = await cosineColumns(need(input, 'vectors', 'graph-cut'), input.signal);
  return new GraphCut(cosines, await inTurns(initialGains(cosines.unit, lambda), input.signal));
}

/** The best row is the one of greatest gain; one that is taken lowers all gains by twice its cosines. */
class GraphCut implements Picker {
  private readonly isGone: Uint8Array;

  constructor(
    private readonly cosines: CosineColumns,
    private readonly gains: Float64Array,
  ) {
    this.isGone = new Uint8Array(gains.length);
  }

  best(): number {
    const { gains, isGone } = this;
    let best = -1;
    for (let i = 0; i < gains.length; i++) if (!isGone[i] && (best < 0 || gains[i] > gains[best])) best = i;
    return best;
  }

  async take(row: number): Promise<void> {
    const { gains, isGone } = this;
    isGone[row] = 1;
    const column = await this.cosines.of([row]);
    for (let i = 0; i < gains.length; i++) if (!isGone[i]) gains[i] -= 2 * column[i];
  }

  pass(row: number): void {
    this.isGone[row] = 1;
  }

  scores(): Float64Array {
    return this.gains;
  }
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
