import {
  CoresetError,
  type Cost,
  costOf,
  randomOrderSteps,
  type Steps,
  seededRandom,
  withDefaults,
} from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import { meanSquares } from '../list-distances.js';
import type { Picker } from '../picker.js';
import { CoverageGains, overLists } from './coverage-gains.js';
import { need, type SelectorInput } from './input.js';

/** Options of {@link auto}. */
export interface AutoOptions {
  /** δ in [0, 1]: how much the difficulty of a row counts in what it is worth to cover it. Default: 0. */
  difficultyWeight?: number;
}

/** What {@link AutoOptions} are where they are not given. */
export const AUTO_DEFAULTS: Required<AutoOptions> = { difficultyWeight: 0 };

/** Every option of {@link AutoOptions}. */
export const AUTO_OPTIONS: Readonly<Record<keyof AutoOptions, true>> = { difficultyWeight: true };

/** What a row's similarity to one that does not list it counts beside one that does. */
const ONE_SIDED = 0.6;
/** Rows are outliers from so many times the median squared distance on. */
const OUTLIER = 1.5;
/** γ of rows that have all neighbours at distance zero. */
const GREATEST_GAMMA: number = Number.MAX_VALUE;

/** Not the draws of others with the same seed. */
const OF_AUTO = 0x3a70;

/**
 * `auto`: D2's message passing with coverage as what messages carry, and a share of draws at random that rises with what is
 * kept.
 *
 * - A kept row j covers each row i of its list to s = exp(−γ_i d²), with γ_i = 1 / (2 · mean d² of i's own list): i is
 *   covered by what is near by its own measure, as in self-tuning spectral clustering (Zelnik-Manor & Perona 2004), so
 *   that dense and sparse regions count alike. Where i does not list j, s is multiplied by 0.6: such a j is often a hub,
 *   which is in many lists and resembles few of them.
 * - What it is worth to cover row i is (1 − δ + δ · difficulty), at least 0, with δ = 0 unless asked for; and of outliers, whose
 *   mean d² is more than 1.5 times the median row's, that times the square of 1.5 · median / mean d².
 * - Forward passing gives each row its score: what keeping it would cover, 1 for itself and s for each of its list, each
 *   times the worth of the row covered.
 * - Reverse passing: a pick raises the coverage of its list, and scores count from then on what is not covered yet. That is
 *   the exact update of facility location, see {@link CoverageGains}.
 * - The more is kept, the more it has to be like the corpus: behind the r-th of N rows the next is drawn at random, by the
 *   seed, with the share r / N, and covers its list as others do.
 *
 * Near-linear: a row's score is computed some five times. One order, good at every beginning; docs/selectors.md has the
 * figures.
 *
 * @returns scores: what keeping a row would add to the coverage
 */
export function* auto(input: SelectorInput, options: AutoOptions = {}): Steps<Picker> {
  const { difficultyWeight } = withDefaults(options, AUTO_DEFAULTS);
  if (!(difficultyWeight >= 0 && difficultyWeight <= 1)) {
    throw new CoresetError(`difficultyWeight must be a share from 0 to 1, got ${difficultyWeight}`);
  }
  const graph = need(input, 'graph', 'auto');
  const { rows, scores, costs, seed = 0 } = input;
  const { ofRows: squares } = yield* meanSquares(graph);
  const worth = outlierWorth(squares);
  if (scores !== undefined && difficultyWeight > 0)
    for (let i = 0; i < rows; i++) worth[i] *= Math.max(0, 1 + difficultyWeight * (scores[i] - 1));
  const { own, unit } = ofGreatest(worth);
  const similarity = yield* similarities(graph, squares, own);
  const drawn = yield* randomOrderSteps(rows, seededRandom(seed, OF_AUTO));
  return new WithDraws(new CoverageGains({ graph, similarity, own, unit, costs }), drawn);
}

/** Coverage's picks, and between them rows drawn at random: behind the r-th of N rows with the share r / N. */
class WithDraws implements Picker {
  private readonly isGone: Uint8Array;
  private taken = 0;
  private at = 0;
  /** Draws that are due, in N-ths. */
  private due = 0;

  /** @param drawn all rows in the order in which they are drawn */
  constructor(
    private readonly coverage: CoverageGains,
    private readonly drawn: Int32Array,
  ) {
    this.isGone = new Uint8Array(drawn.length);
  }

  best(): number {
    const { drawn, isGone } = this;
    if (this.due < drawn.length) return this.coverage.best();
    while (this.at < drawn.length && isGone[drawn[this.at]] === 1) this.at++;
    return this.at < drawn.length ? drawn[this.at] : -1;
  }

  take(row: number): void {
    const rows = this.drawn.length;
    this.coverage.take(row);
    this.isGone[row] = 1;
    if (this.due >= rows) this.due -= rows;
    this.due += ++this.taken;
  }

  pass(row: number): void {
    this.coverage.pass(row);
    this.isGone[row] = 1;
  }

  scores(): Float64Array {
    return this.coverage.scores();
  }
}

/** Worths as shares of the greatest, which is the unit. */
function ofGreatest(worth: Float64Array): { own: Float32Array; unit: number } {
  let greatest = 0;
  for (let i = 0; i < worth.length; i++) greatest = Math.max(greatest, worth[i]);
  const unit = greatest > 0 ? Math.min(greatest, Number.MAX_VALUE) : 1;
  return { own: Float32Array.from(worth, (value) => Math.min(1, value / unit)), unit };
}

/** 1, and less for rows that are farther from their neighbours than most rows are. */
function outlierWorth(squares: Float64Array): Float64Array {
  const median = squares.slice().sort()[squares.length >> 1];
  if (median === 0) return new Float64Array(squares.length).fill(1);
  return squares.map((square) => Math.min(1, (OUTLIER * median) / square) ** 2);
}

/** What it is worth how far each row covers those of its list. */
function* similarities(graph: NeighbourGraph, squares: Float64Array, own: Float32Array): Steps<Float32Array> {
  const { k, neighbours, distances } = graph;
  const gamma = squares.map((square) => Math.min(GREATEST_GAMMA, 1 / (2 * square)));
  return yield* overLists(graph, (row, neighbour, e) => {
    const similarity = own[neighbour] * Math.exp(-gamma[neighbour] * distances[e] * distances[e]);
    return isListed(neighbours, k, neighbour, row) ? similarity : ONE_SIDED * similarity;
  });
}

function isListed(neighbours: Int32Array, k: number, row: number, other: number): boolean {
  for (let e = row * k; e < (row + 1) * k; e++) if (neighbours[e] === other) return true;
  return false;
}

/** Per edge: similarities, and each time that a gain is evaluated. */
const PER_EDGE = { start: 4e-8, evaluated: 2.2e-8 };
const PER_ROW = 2e-7;
/** How often a row's gain is evaluated where a third is kept. */
const EVALUATIONS = 5;
const BYTES = { edge: 4, row: 60 };

/** Similarities of all edges, and gains that are evaluated some times. */
export function autoCost({ rows, k }: SelectWorkload): Cost {
  return costOf({
    serial: rows * (k * (PER_EDGE.start + EVALUATIONS * PER_EDGE.evaluated) + PER_ROW),
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
