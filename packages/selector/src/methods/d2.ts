import {
  CoresetError,
  type Cost,
  costOf,
  inOneGo,
  inParts,
  pickOptions,
  requireKnownOptions,
  requireScores,
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
import { candidatesOf } from '../candidates.js';
import type { SelectWorkload } from '../cost.js';
import { MaxHeap } from '../max-heap.js';
import { pickInSteps } from '../pick.js';
import type { Picker } from '../picker.js';
import { inScoreUnit, scaledScores } from '../score-unit.js';
import { requireBudget, type Selection, shownSelection } from '../selection.js';

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
 * @returns the picks in order; fewer than `budget` only where duplicates are dropped and no distinct row is left
 * @throws CoresetError when an option is out of range or the scores do not fit the graph
 */
export function d2Select(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Options): Selection {
  requireKnownOptions('d2Select', options, D2_OPTIONS);
  inOneGo(requireGraph(graph, graph?.rows));
  requireBudget(options.budget, graph.rows);
  requireScores(scores, graph.rows);
  return inOneGo(d2AmongDistinct(graph, scores, options));
}

function* d2AmongDistinct(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Options): Steps<Selection> {
  const { budget, dropDuplicates = true, ...settings } = options;
  const { rows } = graph;
  const candidates = yield* candidatesOf({ rows, budget, graph, scores }, dropDuplicates);
  const part = yield* candidates.inputOf({ rows, budget, graph, scores });
  const picker = yield* d2Picker(part.graph ?? graph, part.scores ?? scores, settings);
  const order = yield* pickInSteps(picker, Math.min(budget, part.rows));
  return shownSelection({ order: candidates.keptFor(order), rows, scores: candidates.spread(picker.scores()) });
}

/** D2 at work. @throws CoresetError when an option is out of range */
export function* d2Picker(graph: NeighbourGraph, scores: ArrayLike<number>, options: D2Settings): Steps<Picker> {
  const { edges, aggregate } = withDefaults(options, D2_DEFAULTS);
  const adjacency = yield* adjacencySteps(graph, edges);
  const { values, unit } = yield* scaledScores(scores);
  const forwardOptions = pickOptions(options, FORWARD_OPTIONS);
  const forward = yield* forwardSteps(adjacency, values, forwardOptions, SYMMETRIC_SCORE_FLOOR / unit);
  const dead = edges === 'symmetric' ? yield* deadEdges(adjacency, scores, options) : undefined;
  // Products of two scores are in the square of their unit.
  const units = aggregate === 'product' ? [unit, unit] : [unit];
  return new ReversePassing(adjacency, forward, options, dead, units);
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
  requireBudget(options.budget, adjacency.rows);
  const picker = new ReversePassing(adjacency, forward, options, isDead);
  const order = inOneGo(pickInSteps(picker, options.budget));
  return { order, rows: adjacency.rows, scores: picker.scores() };
}

/** The row of highest score is best; one that is taken lowers its neighbours' scores (equation 4). */
class ReversePassing implements Picker {
  private readonly heap: MaxHeap;
  private readonly reader: EdgeReader;
  private readonly weight: MessageWeight;
  private readonly isAbsolute: boolean;
  private readonly isSilent: boolean;

  /** @param units that the scores are in, each a factor of what is told of them */
  constructor(
    adjacency: Adjacency,
    forward: Float64Array,
    options: D2Settings,
    private readonly isDead: EdgeTest | undefined,
    private readonly units: number[] = [],
  ) {
    const { gammaReverse, kernel, reverse, belowZero } = withDefaults(options, D2_DEFAULTS);
    if (reverse !== 'weighted' && reverse !== 'absolute')
      throw new CoresetError(`reverse '${reverse}' is not known; use weighted or absolute`);
    this.weight = new MessageWeight(kernel, gammaReverse, 'gammaReverse');
    if (belowZero !== 'raise' && belowZero !== 'silent')
      throw new CoresetError(`belowZero '${belowZero}' is not known; use raise or silent`);
    this.isAbsolute = reverse === 'absolute';
    this.isSilent = belowZero === 'silent';
    this.reader = new EdgeReader(adjacency);
    this.heap = new MaxHeap(forward.slice());
  }

  best(): number {
    return this.heap.peek();
  }

  take(row: number): void {
    const { heap, reader, weight, isAbsolute, isDead } = this;
    const score = heap.keys[row];
    heap.remove(row);
    if (score < 0 && this.isSilent) return;
    const count = reader.read(row);
    const { targets, lengths: messages } = reader; // overwritten in place
    // Loops of their own: what one edge waits for in memory is not held up by the exponential of another.
    for (let n = 0; n < count; n++) {
      if (isDead?.(messages[n], targets[n])) messages[n] = 0;
      else messages[n] = isAbsolute ? score : weight.of(messages[n]) * score;
    }
    for (let n = 0; n < count; n++) heap.lower(targets[n], messages[n]);
  }

  pass(row: number): void {
    this.heap.remove(row);
  }

  scores(): Float64Array {
    const scores = this.heap.lastKeys().slice();
    for (const unit of this.units) inScoreUnit(scores, unit);
    return scores;
  }
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
