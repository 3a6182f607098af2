import { type Cost, seededRandom } from '@coreset/core';
import { cosineCost, type SelectWorkload } from '../cost.js';
import type { Picker } from '../picker.js';
import { type CosineColumns, cosineColumns } from '../similarity.js';
import { need, type SelectorInput } from './input.js';

/**
 * Greedy k-center (Sener & Savarese 2018): start at a random row, then always take the row that lies
 * farthest from all picked ones. Rows are compared by cosine (on vectors of length 1 the same as Euclidean).
 * Work grows with budget × rows.
 */
export async function kCenter(input: SelectorInput): Promise<Picker> {
  const cosines = await cosineColumns(need(input, 'vectors', 'k-center'), input.signal);
  return new FarthestRow(cosines, seededRandom(input.seed ?? 0).below(input.rows));
}

/** The best row is the one whose greatest cosine to a taken row is least; before any is taken, a given one. */
class FarthestRow implements Picker {
  private readonly nearest: Float64Array;
  private readonly isGone: Uint8Array;
  private next: number;

  constructor(
    private readonly cosines: CosineColumns,
    first: number,
  ) {
    const { rows } = cosines.unit;
    this.nearest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
    this.isGone = new Uint8Array(rows);
    this.next = first;
  }

  best(): number {
    if (this.next < 0 || this.isGone[this.next]) this.next = this.farthest();
    return this.next;
  }

  async take(row: number): Promise<void> {
    const { nearest, isGone } = this;
    isGone[row] = 1;
    const column = await this.cosines.of([row]);
    for (let i = 0; i < nearest.length; i++) if (!isGone[i] && column[i] > nearest[i]) nearest[i] = column[i];
    this.next = -1;
  }

  pass(row: number): void {
    this.isGone[row] = 1;
  }

  /** 1 − cosine to the nearest taken row, of a taken row to those before; of the first row and where there is none 2, the most. */
  scores(): Float64Array {
    return this.nearest.map((cosine) => (cosine === Number.NEGATIVE_INFINITY ? 2 : 1 - cosine));
  }

  private farthest(): number {
    const { nearest, isGone } = this;
    let found = -1;
    for (let i = 0; i < nearest.length; i++) if (!isGone[i] && (found < 0 || nearest[i] < nearest[found])) found = i;
    return found;
  }
}

/** A column of cosines per pick: budget × rows × cols. */
export function kCenterCost(workload: SelectWorkload): Cost {
  return cosineCost(workload, workload.budget);
}
