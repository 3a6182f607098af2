import { inParts, type Steps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { LazyGreedy } from '../lazy-greedy.js';
import type { Picker } from '../picker.js';
import { inScoreUnit } from '../score-unit.js';

/** What coverage is counted from. */
export interface CoverageParts {
  graph: NeighbourGraph;
  /** rows × k, 0 to 1: what it is worth how far a row that is kept covers each row of its list. */
  similarity: Float32Array;
  /** The same of the row itself, 0 to 1. */
  own: Float32Array;
  /** What a worth of 1 stands for. Default: 1. */
  unit?: number;
  /** Of each row; the row of greatest gain per cost is best. */
  costs?: ArrayLike<number>;
}

/**
 * Facility location on the lists of a graph: a row is covered as far as the kept row that covers it most, Σ_i covered_i is
 * to be great, and the best row is the one that adds most to it. That sum is submodular, so that the greedy
 * order is at every beginning at least 1 − 1/e of the best choice (Nemhauser, Wolsey & Fisher 1978).
 */
export class CoverageGains implements Picker {
  private readonly greedy: LazyGreedy;
  private readonly covered: Float32Array;
  private readonly k: number;
  private readonly neighbours: Int32Array;
  private readonly similarity: Float32Array;
  private readonly own: Float32Array;
  private readonly costs: ArrayLike<number> | undefined;
  private readonly unit: number;

  constructor({ graph, similarity, own, unit = 1, costs }: CoverageParts) {
    this.k = graph.k;
    this.neighbours = graph.neighbours;
    this.similarity = similarity;
    this.own = own;
    this.costs = costs;
    this.unit = unit;
    this.covered = new Float32Array(graph.rows);
    this.greedy = new LazyGreedy(graph.rows, (row) => this.gainOf(row));
  }

  best(): number {
    return this.greedy.best();
  }

  take(row: number): void {
    const { covered, similarity, own, k, neighbours } = this;
    this.greedy.take(row);
    covered[row] = Math.max(covered[row], own[row]);
    for (let e = row * k; e < (row + 1) * k; e++)
      if (similarity[e] > covered[neighbours[e]]) covered[neighbours[e]] = similarity[e];
  }

  pass(row: number): void {
    this.greedy.pass(row);
  }

  scores(): Float64Array {
    const { costs } = this;
    const gains = this.greedy.gains();
    if (costs !== undefined) for (let row = 0; row < gains.length; row++) gains[row] *= costs[row];
    return inScoreUnit(gains, this.unit);
  }

  private gainOf(row: number): number {
    const { covered, similarity, own, costs, k, neighbours } = this;
    const end = (row + 1) * k;
    let gain = Math.max(0, own[row] - covered[row]);
    // Without a branch: which neighbours gain cannot be foretold.
    for (let e = row * k; e < end; e++) gain += Math.max(0, similarity[e] - covered[neighbours[e]]);
    return costs === undefined ? gain : gain / costs[row];
  }
}

const ROWS_AT_ONCE = 2048;

/** A number for each entry of the lists; 0 for the row itself, by which lists are filled up. */
export function* overLists(
  { rows, k, neighbours }: NeighbourGraph,
  of: (row: number, neighbour: number, edge: number) => number,
): Steps<Float32Array> {
  const values = new Float32Array(rows * k);
  yield* inParts(
    rows,
    (start, end) => {
      for (let row = start; row < end; row++)
        for (let e = row * k; e < (row + 1) * k; e++) if (neighbours[e] !== row) values[e] = of(row, neighbours[e], e);
    },
    ROWS_AT_ONCE,
  );
  return values;
}
