import { CoresetError, type Cost, costOf, inParts, type Steps, withDefaults } from '@coreset/core';
import { type Adjacency, adjacencySteps, forwardSteps, isOneSided, MessageWeight } from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import { inScoreUnit, scaledScores } from '../score-unit.js';
import type { Selection } from '../selection.js';
import { CoverageGains } from './coverage-gains.js';
import { need, type SelectorInput } from './input.js';

/** Options of {@link auto}. */
export interface AutoOptions {
  /** δ in [0, 1]: how much the difficulty of a row counts in its weight. Default: 0. */
  difficultyWeight?: number;
}

const PICKS_AT_ONCE = 256;

/** What {@link AutoOptions} are where they are not given. */
export const AUTO_DEFAULTS: Required<AutoOptions> = { difficultyWeight: 0 };

/** Every option of {@link AutoOptions}. */
export const AUTO_OPTIONS: Readonly<Record<keyof AutoOptions, true>> = { difficultyWeight: true };

/**
 * `auto`: D2's message passing with coverage as the score that messages carry, so that reverse passing is
 * the exact update of facility location on the neighbour graph.
 *
 * - Similarity of neighbours: s_ij = exp(−d² / D²) with D² twice the mean squared edge length, so that the
 *   unit of d is the graph's own.
 * - Forward passing (the paper's equation 3, with s as the weight) of x gives each row its weight x'_i: rows in
 *   dense regions are worth covering most. x_i = 1 − δ + δ · difficulty; δ is 0 unless asked for, since the
 *   label-free difficulty measured worse than none.
 * - The score of row j is what picking it would cover: x'_j + Σ_i x'_i · s_ij over its neighbours, less
 *   what is covered already.
 * - Reverse passing: a pick raises the coverage of its neighbours to s, and the scores of all rows that
 *   would have covered them fall by just that much.
 *
 * Each row's coverage rises only a few times, so all that is O(N · k · log N) in practice, no rows² anywhere. The
 * order is one series of greedy picks, good at every prefix; docs/selectors.md has the figures.
 *
 * @returns `scoreBefore`: the gain of each row at the start; `scoreAfter`: at the end, or when it was picked
 */
export function* auto(input: SelectorInput, options: AutoOptions = {}): Steps<Selection> {
  const { difficultyWeight } = withDefaults(options, AUTO_DEFAULTS);
  if (!(difficultyWeight >= 0 && difficultyWeight <= 1)) {
    throw new CoresetError(`difficultyWeight must be a share from 0 to 1, got ${difficultyWeight}`);
  }
  const graph = need(input, 'graph', 'auto');
  const { rows, budget, scores } = input;
  const adjacency = yield* adjacencySteps(graph, 'symmetric');
  const gamma = 1 / (2 * (yield* meanSquaredLength(adjacency)));
  const difficulty = new Float64Array(rows).fill(1);
  if (scores) for (let i = 0; i < rows; i++) difficulty[i] += difficultyWeight * (scores[i] - 1);
  const { values, unit } = yield* scaledScores(difficulty);
  // Over each row's own list: over edges from both sides, hubs would count as dense.
  const weights = yield* forwardSteps(yield* adjacencySteps(graph, 'directed'), values, {
    kernel: 'gaussian',
    gammaForward: gamma,
    edges: 'directed',
  });
  const gains = yield* CoverageGains.over(adjacency, new MessageWeight('gaussian', gamma), weights);
  const scoreBefore = gains.heap.keys.slice();
  const by = new Int32Array(rows).fill(-1);
  const order = new Int32Array(budget);
  yield* inParts(
    budget,
    (start, end) => {
      for (let pick = start; pick < end; pick++) order[pick] = gains.pick(by);
    },
    PICKS_AT_ONCE,
  );
  return {
    order,
    rows,
    by,
    scoreBefore: inScoreUnit(scoreBefore, unit),
    scoreAfter: inScoreUnit(gains.heap.lastKeys(), unit),
  };
}

/** Over the edges of all rows; 1 where all are of length zero or there are none, so that it can be divided by. */
function* meanSquaredLength(adjacency: Adjacency): Steps<number> {
  const { distances, incoming } = adjacency;
  let sum = 0;
  yield* inParts(distances.length, (start, end) => {
    for (let e = start; e < end; e++) sum += distances[e] ** 2 * (isOneSided(adjacency, e) ? 2 : 1);
  });
  return sum > 0 ? sum / (distances.length + incoming.length) : 1;
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
