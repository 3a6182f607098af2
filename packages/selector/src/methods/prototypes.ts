import type { Steps } from '@coreset/core';
import type { Selection } from '../selection.js';
import { greatestFirst, need, type SelectorInput, selectionFromOrder } from './input.js';

/** The rows farthest from their prototype first (Sorscher et al. 2022, for large data). */
export function* prototypesHard(input: SelectorInput): Steps<Selection> {
  const scores = Float64Array.from(need(input, 'scores', 'prototypes-hard'));
  return selectionFromOrder(yield* greatestFirst(scores, input.budget), input.rows, scores);
}

/** The rows nearest to their prototype first (Sorscher et al. 2022, for small data). */
export function* prototypesEasy(input: SelectorInput): Steps<Selection> {
  const scores = Float64Array.from(need(input, 'scores', 'prototypes-easy'), (score) => -score);
  return selectionFromOrder(yield* greatestFirst(scores, input.budget), input.rows, scores);
}
