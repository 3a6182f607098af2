import { type Cost, costOf, randomOrderSteps, type Steps, seededRandom } from '@coreset/core';
import type { SelectWorkload } from '../cost.js';
import { OrderPicker, type Picker } from '../picker.js';
import type { SelectorInput } from './input.js';

/** Rows at random: the baseline that every method has to beat. */
export function* random({ rows, seed = 0 }: SelectorInput): Steps<Picker> {
  return new OrderPicker(yield* randomOrderSteps(rows, seededRandom(seed)), new Float64Array(rows));
}

const PER_ROW = 3e-8;

/** Rows drawn from all. */
export function randomCost({ rows }: SelectWorkload): Cost {
  return costOf({ serial: rows * PER_ROW, memory: rows * 20 });
}
