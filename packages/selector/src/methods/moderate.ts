import { fallingOrder, inParts, type Steps } from '@coreset/core';
import { OrderPicker, type Picker } from '../picker.js';
import { inScoreUnit, scaledScores } from '../score-unit.js';
import { need, type SelectorInput } from './input.js';

/**
 * Moderate coreset (Xia et al. 2023): the rows whose distance to their prototype is closest to the median
 * first; the median of its class where rows have labels, of all rows otherwise.
 */
export function* moderate(input: SelectorInput): Steps<Picker> {
  const { rows, labels } = input;
  const { values, unit } = yield* scaledScores(need(input, 'scores', 'moderate'));
  const labelOf = (row: number): number => (labels ? labels[row] : 0);
  const medians = yield* mediansByClass(values, labelOf);
  const closeness = new Float64Array(rows);
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) closeness[i] = -Math.abs(values[i] - (medians.get(labelOf(i)) ?? 0));
  });
  return new OrderPicker(yield* fallingOrder(closeness), inScoreUnit(closeness, unit));
}

function* mediansByClass(scores: ArrayLike<number>, labelOf: (row: number) => number): Steps<Map<number, number>> {
  const falling = yield* fallingOrder(scores);
  const classes = new Map<number, number[]>();
  yield* inParts(falling.length, (start, end) => {
    for (const row of falling.subarray(start, end)) {
      const members = classes.get(labelOf(row));
      if (members) members.push(scores[row]);
      else classes.set(labelOf(row), [scores[row]]);
    }
  });
  return new Map(Array.from(classes, ([label, members]) => [label, median(members)]));
}

function median(sorted: number[]): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half] + sorted[half - 1]) / 2;
}
