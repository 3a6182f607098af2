import {
  type Cost,
  costOf,
  diagnose,
  inParts,
  inTurns,
  type OnDiagnostics,
  requireKnownOptions,
  requireNumber,
  requireVectors,
  rowMask,
  type Steps,
  stoppedByCell,
  type Vectors,
  withDefaults,
} from '@coreset/core';
import { type NeighbourGraph, requireGraph } from '@coreset/graph';
import type { SelectWorkload } from './cost.js';
import { nearness } from './stand-in-similarity.js';
import { standIns, standInWeights } from './stand-ins.js';

/** Options of {@link explain}. */
export interface ReasonOptions {
  /** The least cosine, 0 to 1, of near-duplicates: of a dropped row to a kept one, and of those of which `preference` chooses. Default: 0.9. */
  nearDuplicate?: number;
}

/** Every option of {@link ReasonOptions}. */
export const REASON_OPTIONS: Readonly<Record<keyof ReasonOptions, true>> = { nearDuplicate: true };

/** What {@link ReasonOptions} are where they are not given. */
export const REASON_DEFAULTS: Required<ReasonOptions> = { nearDuplicate: 0.9 };

/**
 * Why a selector dropped a row.
 *
 * - `duplicate`: a kept row, or where none is kept an earlier row, has its content.
 * - `indistinguishable`: its content is new, but a kept row has its vector.
 * - `near-duplicate`: its cosine to a kept row is at least `nearDuplicate`.
 * - `redundant`: a kept row is as near as a row's nearest neighbour is on the mean: its squared distance is at most the
 *   mean squared distance of rows to their nearest neighbours.
 * - `outranked`: no kept row was found so near; other rows took the budget.
 */
export type SelectionReason = 'duplicate' | 'indistinguishable' | 'near-duplicate' | 'redundant' | 'outranked';

/** What a selection was made from. */
export interface ExplainInput {
  vectors: Vectors;
  graph: NeighbourGraph;
  /** As in `SelectorInput`. */
  contentRepresentative?: Int32Array;
  /** Rows that were left out on purpose: they have no reason here, and no row stands for them. */
  leftOut?: ArrayLike<number>;
  signal?: AbortSignal;
  /** As in `RunOptions`. */
  onDiagnostics?: OnDiagnostics;
}

/** What became of each row. */
export interface Explanation {
  /** Per row the kept row that stands for it, itself where it is kept, −1 where none was found, see {@link standIns}. */
  by: Int32Array;
  /** Per row its cosine to that one, to six decimals; NaN where there is none. */
  similarity: Float64Array;
  /** Per row why it was dropped; undefined where it is kept or was left out on purpose. */
  reasons: (SelectionReason | undefined)[];
  /** Per duplicate the kept row with its content, else the first with it; −1 for other rows. */
  duplicateOf: Int32Array;
  /**
   * Per row for how many rows it stands, itself among them; 0 where it is not kept. The sum is the number of rows for
   * which a row stands.
   */
  weights: Int32Array;
}

/** @throws CoresetError unless it is a number from 0 to 1 */
export function requireNearDuplicate(nearDuplicate: number, name = 'nearDuplicate'): void {
  requireNumber(name, nearDuplicate, 0, 1);
}

/**
 * Say of every row which kept row stands for it, how similar both are, and why it was dropped, whatever selected.
 *
 * @param order the kept rows
 * @throws CoresetError when an option is wrong, or rows, graph and vectors do not fit together
 */
export async function explain(
  order: ArrayLike<number>,
  given: ExplainInput,
  options: ReasonOptions = {},
): Promise<Explanation> {
  requireKnownOptions('explain', options, REASON_OPTIONS);
  const input = stoppedByCell(given);
  const { nearDuplicate } = withDefaults(options, REASON_DEFAULTS);
  requireNearDuplicate(nearDuplicate);
  const { vectors, graph, signal } = input;
  requireVectors(vectors);
  await inTurns(requireGraph(graph, vectors.rows), signal);
  const near = await inTurns(nearestSquared(graph), signal);
  diagnose(input, 'select', { nearDuplicate, redundantWithin: Math.sqrt(near) });
  return inTurns(explainSteps(order, input, nearDuplicate, near), signal);
}

function* explainSteps(
  order: ArrayLike<number>,
  { vectors, graph, contentRepresentative = graph.representative, leftOut = [] }: ExplainInput,
  nearDuplicate: number,
  near: number,
): Steps<Explanation> {
  const { rows, representative } = graph;
  const found = yield* standIns(graph, order, contentRepresentative);
  const { by } = found;
  for (let i = 0; i < leftOut.length; i++) by[leftOut[i]] = -1;
  const { similarity, squaredDistance } = yield* nearness(vectors, found);
  const isLeftOut = rowMask(rows, leftOut);
  const reasons = new Array<SelectionReason | undefined>(rows).fill(undefined);
  const duplicateOf = new Int32Array(rows).fill(-1);
  /** Per content the first row with it that was not left out. */
  const firstOf = new Int32Array(rows).fill(-1);
  for (let row = rows - 1; row >= 0; row--) if (isLeftOut[row] === 0) firstOf[contentRepresentative[row]] = row;
  yield* inParts(rows, (start, end) => {
    for (let row = start; row < end; row++) {
      if (by[row] === row || isLeftOut[row] === 1) continue;
      const content = contentRepresentative[row];
      if (by[row] >= 0 && contentRepresentative[by[row]] === content) duplicateOf[row] = by[row];
      else if (firstOf[content] !== row) duplicateOf[row] = firstOf[content];
      if (duplicateOf[row] >= 0) reasons[row] = 'duplicate';
      else if (by[row] >= 0 && representative[by[row]] === representative[row]) reasons[row] = 'indistinguishable';
      else if (similarity[row] >= nearDuplicate) reasons[row] = 'near-duplicate';
      else reasons[row] = squaredDistance[row] <= near ? 'redundant' : 'outranked';
    }
  });
  return { by, similarity, reasons, duplicateOf, weights: yield* standInWeights(found) };
}

/** Mean squared distance of distinct rows to their nearest neighbour; 0 where there are none. */
function* nearestSquared({ rows, k, neighbours, distances, representative }: NeighbourGraph): Steps<number> {
  let sum = 0;
  let count = 0;
  yield* inParts(rows, (start, end) => {
    for (let row = start; row < end; row++) {
      if (k === 0 || representative[row] !== row || neighbours[row * k] === row) continue;
      sum += distances[row * k] ** 2;
      count++;
    }
  });
  return count > 0 ? sum / count : 0;
}

const PER_EDGE = 2.5e-8;
/** Of a dropped row whose vector is compared, and of each number of it. */
const PER_COMPARED = { row: 1e-6, number: 5e-9 };
const BYTES = { row: 60, vectors: 32e6 };

/** What {@link explain} costs; without vectors (`cols` 0) what the kept rows that stand for others cost alone. */
export function explainCost({ rows, cols, k, budget }: SelectWorkload): Cost {
  const compared = cols === 0 ? 0 : rows - budget;
  return costOf({
    serial: rows * k * PER_EDGE + compared * (PER_COMPARED.row + cols * PER_COMPARED.number),
    memory: rows * BYTES.row + BYTES.vectors,
  });
}
