import {
  CoresetError,
  type Cost,
  costOf,
  inOneGo,
  inParts,
  pickOptions,
  requireKnownOptions,
  requireScores,
  STEP_ITEMS,
  type Steps,
  withDefaults,
} from '@coreset/core';
import {
  type Adjacency,
  adjacencySteps,
  EdgeReader,
  FORWARD_DEFAULTS,
  FORWARD_OPTIONS,
  type ForwardOptions,
  forwardSteps,
  MessageWeight,
  type NeighbourGraph,
  requireGraph,
  SYMMETRIC_SCORE_FLOOR,
} from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import { distinctInput, distinctRows, expandSelection } from '../distinct-rows.js';
import { MaxHeap } from '../max-heap.js';
import { inScoreUnit, scaledScores } from '../score-unit.js';
import { requireBudget, type Selection } from '../selection.js';

/** Options of {@link d2Select}. */
export interface D2Options extends ForwardOptions {
  /** Rows to keep, 1 to N. */
  budget: number;
  /** γ_r ≥ 0: how fast reverse messages fade with distance; a smaller one spreads the picks. Default: 1. */
  gammaReverse?: number;
  /** `weighted`: a message of weight w(γ_r, d); `absolute`: of weight 1. Default: `weighted`. */
  reverse?: 'weighted' | 'absolute';
  /**
   * What a pick does to its neighbours once its own score is below zero: `raise` them (the formula as it
   * stands, and the published code) or send no message. Default: `raise`.
   */
  belowZero?: 'raise' | 'silent';
  /** Keep at most one of each group of identical rows. Default: true. */
  dropDuplicates?: boolean;
}

/** What {@link D2Options} are where they are not given, but for the budget and duplicates. */
export const D2_DEFAULTS: Required<Omit<D2Options, 'budget' | 'dropDuplicates'>> = {
  ...FORWARD_DEFAULTS,
  gammaReverse: 1,
  reverse: 'weighted',
  belowZero: 'raise',
};

/** D2's options without the budget, which comes with the input. */
export type D2Settings = Omit<D2Options, 'budget'>;

/** Every option of {@link D2Settings}. */
export const D2_SETTINGS: Readonly<Record<keyof D2Settings, true>> = {
  ...FORWARD_OPTIONS,
  gammaReverse: true,
  reverse: true,
  belowZero: true,
  dropDuplicates: true,
};

/** Every option of {@link D2Options}. */
export const D2_OPTIONS: Readonly<Record<keyof D2Options, true>> = { budget: true, ...D2_SETTINGS };

/**
 * D2 Pruning's selection (section 3.3, Algorithm 1): pick the row of highest score, let reverse messages
 * lower its neighbours' scores (equation 4), repeat. O((N + B·k) log N).
 *
 * @param graph neighbours of N rows
 * @param scores difficulty per row; forward message passing is part of this call
 * @returns the picks in order and, per row, the kept neighbour that lowered it most; fewer than `budget`
 * rows only where duplicates are dropped and no distinct row is left
 * @throws CoresetError when an option is out of range or the scores do not fit the graph
 */
export function d2Select(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Options): Selection {
  requireKnownOptions('d2Select', options, D2_OPTIONS);
  inOneGo(requireGraph(graph, graph?.rows));
  requireBudget(options.budget, graph.rows);
  requireScores(scores, graph.rows);
  return inOneGo(d2Steps(graph, scores, options));
}

/** {@link d2Select} in steps, of what was found in order. */
export function* d2Steps(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Options): Steps<Selection> {
  const distinct = (options.dropDuplicates ?? true) ? yield* distinctRows(graph) : undefined;
  if (distinct === undefined) return yield* d2OverAll(graph, scores, options);
  const input = yield* distinctInput({ rows: graph.rows, budget: options.budget, scores }, distinct);
  const selection = yield* d2OverAll(distinct.graph, input.scores ?? scores, { ...options, budget: input.budget });
  return yield* expandSelection(selection, distinct.rows, graph.representative);
}

function* d2OverAll(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Options): Steps<Selection> {
  const { edges, aggregate } = withDefaults(options, D2_DEFAULTS);
  const adjacency = yield* adjacencySteps(graph, edges);
  const { values, unit } = yield* scaledScores(scores);
  const forwardOptions = pickOptions(options, FORWARD_OPTIONS);
  const forward = yield* forwardSteps(adjacency, values, forwardOptions, SYMMETRIC_SCORE_FLOOR / unit);
  const dead = edges === 'symmetric' ? yield* deadEdges(adjacency, scores, options) : undefined;
  const selection = yield* reverseSteps(adjacency, forward, options, dead);
  // Products of two scores are in the square of their unit.
  for (let times = aggregate === 'product' ? 2 : 1; times > 0; times--) {
    inScoreUnit(selection.scoreBefore, unit);
    inScoreUnit(selection.scoreAfter, unit);
  }
  return selection;
}

/**
 * Greedy picks with reverse message passing, from scores that forward passing gave.
 * @param isDead tells the edges that carry no message
 */
export function reversePassing(
  adjacency: Adjacency,
  forward: Float64Array,
  options: D2Options,
  isDead?: EdgeTest,
): Selection {
  requireKnownOptions('reversePassing', options, D2_OPTIONS);
  requireScores(forward, adjacency.rows);
  return inOneGo(reverseSteps(adjacency, forward, options, isDead));
}

function* reverseSteps(
  adjacency: Adjacency,
  forward: Float64Array,
  options: D2Options,
  isDead?: EdgeTest,
): Steps<Selection> {
  const { budget } = options;
  const { gammaReverse, kernel, reverse, belowZero } = withDefaults(options, D2_DEFAULTS);
  const { rows } = adjacency;
  requireBudget(budget, rows);
  if (reverse !== 'weighted' && reverse !== 'absolute')
    throw new CoresetError(`reverse '${reverse}' is not known; use weighted or absolute`);
  const weight = new MessageWeight(kernel, gammaReverse, 'gammaReverse');
  if (belowZero !== 'raise' && belowZero !== 'silent')
    throw new CoresetError(`belowZero '${belowZero}' is not known; use raise or silent`);
  const reader = new EdgeReader(adjacency);
  const { targets, lengths: messages } = reader; // overwritten in place
  const heap = new MaxHeap(forward.slice());
  const current = heap.keys;
  const order = new Int32Array(budget);
  const by = new Int32Array(rows).fill(-1);
  const strongest = new Float64Array(rows);
  /** @returns edges that it looked at */
  const pickNext = (pick: number): number => {
    const picked = heap.peek();
    const score = current[picked];
    heap.pop();
    order[pick] = picked;
    if (score < 0 && belowZero === 'silent') return 1;
    const count = reader.read(picked);
    // Loops of their own: what one edge waits for in memory is not held up by the exponential of another.
    for (let n = 0; n < count; n++) {
      if (isDead?.(messages[n], targets[n])) messages[n] = 0;
      else messages[n] = reverse === 'absolute' ? score : weight.of(messages[n]) * score;
    }
    for (let n = 0; n < count; n++) {
      const neighbour = targets[n];
      if (!heap.has(neighbour)) continue;
      const message = messages[n];
      if (message > strongest[neighbour]) {
        strongest[neighbour] = message;
        by[neighbour] = picked;
      }
      heap.lower(neighbour, message);
    }
    return count;
  };
  for (let pick = 0, edges = 0; pick < budget; pick++) {
    if (edges >= STEP_ITEMS) {
      yield;
      edges = 0;
    }
    edges += 1 + pickNext(pick);
  }
  return { order, rows, by, scoreBefore: forward, scoreAfter: heap.lastKeys() };
}

/** A test of an edge's length and the row that it leads to. */
type EdgeTest = (length: number, target: number) => boolean;

/**
 * The published code finds a row's symmetric edges by their forward message being above zero, so an edge
 * so long that the message underflows carries no reverse message either.
 *
 * @returns undefined when no edge is that long
 */
function* deadEdges(
  { distances }: Adjacency,
  scores: ArrayLike<number>,
  options: ForwardOptions,
): Steps<EdgeTest | undefined> {
  const weight = new MessageWeight(options.kernel ?? 'exponential', options.gammaForward ?? 1);
  let longest = 0;
  yield* inParts(distances.length, (start, end) => {
    for (let e = start; e < end; e++) if (distances[e] > longest) longest = distances[e];
  });
  if (weight.of(longest) * SYMMETRIC_SCORE_FLOOR > 0) return undefined;
  return (length, target) => !(weight.of(length) * Math.max(scores[target], SYMMETRIC_SCORE_FLOOR) > 0);
}

/** Per edge: the adjacency and the forward pass. Per edge of a pick and doubling of the rows: the reverse pass. */
const PER_EDGE = { forward: 6e-8, reverse: 7e-9 };
const PER_ROW = 5e-8;
const BYTES = { edge: 60, row: 60 };

/** Message passing: forward over all edges, back over those of the picks, which fall at any place of the heap. */
export function d2Cost({ rows, k, budget }: SelectWorkload): Cost {
  const reverse = budget * k * Math.log2(rows + 2) * PER_EDGE.reverse;
  return costOf({
    serial: rows * (k * PER_EDGE.forward + PER_ROW) + reverse,
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
