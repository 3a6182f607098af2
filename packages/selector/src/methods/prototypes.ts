import { fallingOrder, type Steps } from '@coreset/core';
import { OrderPicker, type Picker } from '../picker.js';
import { need, type SelectorInput } from './input.js';

/** The rows farthest from their prototype first (Sorscher et al. 2022, for large data). */
export function* prototypesHard(input: SelectorInput): Steps<Picker> {
  const scores = Float64Array.from(need(input, 'scores', 'prototypes-hard'));
  return new OrderPicker(yield* fallingOrder(scores), scores);
}

/** The rows nearest to their prototype first (Sorscher et al. 2022, for small data). */
export function* prototypesEasy(input: SelectorInput): Steps<Picker> {
  const scores = Float64Array.from(need(input, 'scores', 'prototypes-easy'), (score) => -score);
  return new OrderPicker(yield* fallingOrder(scores), scores);
}
