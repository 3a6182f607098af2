import { type Cost, inParts, inTurns } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import { MaxHeap } from '../max-heap.js';
import type { Picker } from '../picker.js';
import { type CosineColumns, cosineColumns } from '../similarity.js';
import { need, type SelectorInput } from './input.js';

const INITIAL_ROWS = 64;
const EVALUATED_AT_ONCE = 16;

/**
 * Facility location: greedily maximise Σ_i max_{j∈S} s_ij with s the cosine, 0 where it is negative: each
 * row is represented by the most similar row kept. Lazy greedy (Minoux 1978): a gain can only fall, so it
 * is evaluated anew only at the top of the heap. Columns of cosines are made as they are needed and never
 * held together. Where rows have costs the greatest gain per cost is best. Work grows with rows².
 */
export async function facilityLocation(input: SelectorInput): Promise<Picker> {
  const { costs, signal } = input;
  const cosines = await cosineColumns(need(input, 'vectors', 'facility-location'), signal);
  const gains = await initialGains(cosines, signal);
  if (costs !== undefined) for (let i = 0; i < gains.length; i++) gains[i] /= costs[i];
  return new FacilityLocation(cosines, gains, costs, signal);
}

/** Keys of the heap are gains, per cost where rows have costs. */
class FacilityLocation implements Picker {
  private readonly covered: Float64Array;
  private readonly heap: MaxHeap;
  /** The number of rows taken at which each gain was evaluated. */
  private readonly evaluatedAt: Int32Array;
  private taken = 0;

  constructor(
    private readonly cosines: CosineColumns,
    gains: Float64Array,
    private readonly costs: ArrayLike<number> | undefined,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.covered = new Float64Array(gains.length);
    this.heap = new MaxHeap(gains);
    this.evaluatedAt = new Int32Array(gains.length);
  }

  async best(): Promise<number> {
    const { heap, evaluatedAt } = this;
    let top = heap.peek();
    while (top >= 0 && evaluatedAt[top] !== this.taken) {
      await this.evaluate(heap.top(EVALUATED_AT_ONCE).filter((row) => evaluatedAt[row] !== this.taken));
      top = heap.peek();
    }
    return top;
  }

  async take(row: number): Promise<void> {
    const { covered } = this;
    if (this.evaluatedAt[row] !== this.taken) await this.evaluate([row]);
    this.heap.remove(row);
    const column = await this.cosines.of([row]);
    for (let i = 0; i < covered.length; i++) if (column[i] > covered[i]) covered[i] = column[i];
    this.taken++;
  }

  pass(row: number): void {
    this.heap.remove(row);
  }

  scores(): Float64Array {
    const { costs } = this;
    const scores = this.heap.lastKeys();
    return costs === undefined ? scores : scores.map((score, row) => score * costs[row]);
  }

  private async evaluate(rows: number[]): Promise<void> {
    const { covered, costs } = this;
    const count = covered.length;
    const columns = await this.cosines.of(rows);
    const evaluateOne = (r: number): void => {
      let gain = 0;
      for (let i = 0, c = r * count; i < count; i++, c++) if (columns[c] > covered[i]) gain += columns[c] - covered[i];
      this.evaluatedAt[rows[r]] = this.taken;
      this.heap.update(rows[r], costs === undefined ? gain : gain / costs[rows[r]]);
    };
    await inTurns(inParts(rows.length, evaluateOne, 1), this.signal);
  }
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

/** Gains of a row that are evaluated anew: on embeddings of texts about 1.2 times the fourth root of the picks. */
const REEVALUATED = { factor: 1.2, power: 0.25 };

/** A column of cosines per row for the first gains, then per pick its own and those of the gains that are evaluated anew. */
export function facilityLocationCost(workload: SelectWorkload): Cost {
  const { rows, budget } = workload;
  const evaluated = rows * REEVALUATED.factor * budget ** REEVALUATED.power;
  return cosineCost(workload, budget, rows + evaluated);
}
