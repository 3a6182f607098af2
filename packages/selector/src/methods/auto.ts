import { CoresetError, type Cost, costOf, inParts, type Steps, withDefaults } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import type { Picker } from '../picker.js';
import { scaledScores } from '../score-unit.js';
import { CoverageGains } from './coverage-gains.js';
import { need, type SelectorInput } from './input.js';

/** Options of {@link auto}. */
export interface AutoOptions {
  /** δ in [0, 1]: how much the difficulty of a row counts in its weight. Default: 0. */
  difficultyWeight?: number;
}

/** What {@link AutoOptions} are where they are not given. */
export const AUTO_DEFAULTS: Required<AutoOptions> = { difficultyWeight: 0 };

/** Every option of {@link AutoOptions}. */
export const AUTO_OPTIONS: Readonly<Record<keyof AutoOptions, true>> = { difficultyWeight: true };

export function* auto(input: SelectorInput, options: AutoOptions = {}): Steps<Picker> {
  const { difficultyWeight } = withDefaults(options, AUTO_DEFAULTS);
  if (!(difficultyWeight >= 0 && difficultyWeight <= 1)) {
    throw new CoresetError(`difficultyWeight must be a share from 0 to 1, got ${difficultyWeight}`);
  }
  const graph = need(input, 'graph', 'auto');
  const { rows, scores, costs } = input;
  const gamma = 1 / (2 * (yield* meanSquaredLength(graph)));
  if (scores === undefined || difficultyWeight === 0)
    return yield* CoverageGains.over(graph, gamma, undefined, 1, costs);
  const mixed = Float64Array.from({ length: rows }, (_, i) => 1 + difficultyWeight * (scores[i] - 1));
  const { values, unit } = yield* scaledScores(mixed);
  const weights = Float64Array.from(values, (value) => Math.max(0, value));
  return yield* CoverageGains.over(graph, gamma, weights, unit, costs);
}

/** Over the listed neighbours of all rows; 1 where all are at distance zero or there are none, so that it can be divided by. */
export function* meanSquaredLength({ rows, k, neighbours, distances }: NeighbourGraph): Steps<number> {
  let sum = 0;
  let count = 0;
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      for (let e = i * k; e < (i + 1) * k; e++) {
        if (neighbours[e] === i) continue;
        sum += distances[e] ** 2;
        count++;
      }
    }
  });
  return sum > 0 ? sum / count : 1;
}

/** Per edge: similarities and weights. Per edge of a row whose coverage rises: the scores that fall. */
const PER_EDGE = { start: 7e-8, covered: 8e-9 };
const PER_ROW = 5e-8;
/** A row's coverage rises so many times until all are well covered. */
const RISES = 3;
const BYTES = { edge: 60, row: 60 };

/** Every pick covers its neighbours, and each row that is covered better lowers the scores of its own. */
export function autoCost({ rows, k, budget }: SelectWorkload): Cost {
  const covered = Math.min(RISES * rows, 2 * k * budget);
  return costOf({
    serial: rows * (k * PER_EDGE.start + PER_ROW) + covered * 2 * k * PER_EDGE.covered,
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
