import {
  blockSteps,
  type Cost,
  costOf,
  diagnose,
  inParts,
  inTurns,
  type Steps,
  sumOfSquares,
  type Vectors,
} from '@coreset/core';
import { adjacencySteps, EdgeReader, type NeighbourGraph, noDuplicates } from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import { MaxHeap } from '../max-heap.js';
import type { Picker } from '../picker.js';
import { rowsToKeep } from '../rows-to-keep.js';
import { need, type SelectorInput } from './input.js';

/** The chance that one of the K neighbours of a row is kept, where rows are kept at random, is to be this at least. */
const CHANCE = 0.6;
const ROWS_AT_ONCE = 1024;

/**
 * SubZeroCore (2025, arXiv 2509.21748): facility location in which a row covers others the better, the more usual the density
 * around it is. Greedily maximise Σ_i max over the picks j of s_j · cos(i, j), 0 where that is negative, with
 * s_j = exp(−(r_j − μ)² / (2 σ²)), r_j the distance to the K-th neighbour, μ and σ their mean and deviation over all rows, and
 * K from the budget, see {@link neighboursFor}; K is at most the graph's k.
 *
 * Only rows of which at least one lists the other cover each other, so all is O(N · k · log N) in practice. Lazy greedy
 * (Minoux 1978): a gain can only fall, so it is evaluated anew only at the top of the heap. The order is that of the given
 * budget: another budget may have another K. Where rows have costs the greatest gain per cost is best.
 *
 * Scores: the gain of each row.
 */
export async function subzero(input: SelectorInput): Promise<Picker> {
  const graph = need(input, 'graph', 'subzero');
  const vectors = need(input, 'vectors', 'subzero');
  const { rows, costs, signal } = input;
  const wanted = neighboursFor(rows, rowsToKeep(input));
  const neighbours = Math.min(wanted, graph.k);
  diagnose(input, 'select', { neighboursAsked: wanted, neighbours });
  return inTurns(WeightedCoverage.over(graph, vectors, neighbours, costs), signal);
}

/**
 * K for a budget of B from N rows: the least with 1 − Π_{t ≤ K} (N − B − t) / (N − t) ≥ 0.6, about 3, 9, 18 and 46 where 30, 10, 5
 * and 2 % are kept.
 */
export function neighboursFor(rows: number, budget: number): number {
  let none = 1;
  let k = 0;
  while (none > 1 - CHANCE && k < rows - 1) {
    k++;
    none *= Math.max(0, rows - budget - k) / (rows - k);
  }
  return Math.max(1, k);
}

class WeightedCoverage implements Picker {
  private heap = new MaxHeap(new Float64Array(0));
  /** The greatest s · cos of each row to a picked one. */
  private readonly covered: Float64Array;
  /** The number of picks when the gain in the heap was evaluated. */
  private readonly evaluatedAt: Int32Array;
  private picks = 0;

  static *over(
    graph: NeighbourGraph,
    vectors: Vectors,
    neighbours: number,
    costs: ArrayLike<number> | undefined,
  ): Steps<WeightedCoverage> {
    // A row that repeats another is one like any other here.
    const adjacency = yield* adjacencySteps({ ...graph, representative: noDuplicates(graph.rows) }, 'symmetric');
    const lengths = yield* lengthsOf(vectors);
    const coverage = new WeightedCoverage(
      new EdgeReader(adjacency),
      lengths,
      yield* usualness(graph, neighbours),
      costs,
    );
    const gains = new Float64Array(graph.rows);
    yield* inParts(
      gains.length,
      (start, end) => {
        for (let row = start; row < end; row++) gains[row] = coverage.keyOf(row);
      },
      ROWS_AT_ONCE,
    );
    coverage.heap = new MaxHeap(gains);
    return coverage;
  }

  private constructor(
    private readonly edges: EdgeReader,
    private readonly lengths: Float64Array,
    private readonly weights: Float64Array,
    private readonly costs: ArrayLike<number> | undefined,
  ) {
    this.covered = new Float64Array(weights.length);
    this.evaluatedAt = new Int32Array(weights.length);
  }

  best(): number {
    const { heap, evaluatedAt } = this;
    let top = heap.peek();
    while (top >= 0 && evaluatedAt[top] < this.picks) {
      this.evaluate(top);
      top = heap.peek();
    }
    return top;
  }

  take(row: number): void {
    this.pass(row);
    const { covered, edges, weights } = this;
    this.picks++;
    covered[row] = Math.max(covered[row], weights[row]);
    const count = edges.read(row);
    for (let e = 0; e < count; e++) {
      const other = edges.targets[e];
      covered[other] = Math.max(covered[other], weights[row] * this.cosine(row, other, edges.lengths[e]));
    }
  }

  pass(row: number): void {
    this.evaluate(row);
    this.heap.remove(row);
  }

  scores(): Float64Array {
    for (let row = 0; row < this.covered.length; row++) if (this.heap.has(row)) this.evaluate(row);
    const keys = this.heap.lastKeys();
    const { costs } = this;
    return costs === undefined ? keys : keys.map((key, row) => key * costs[row]);
  }

  private evaluate(row: number): void {
    if (this.evaluatedAt[row] === this.picks) return;
    this.evaluatedAt[row] = this.picks;
    this.heap.update(row, this.keyOf(row));
  }

  /** The gain, per cost where rows have costs. */
  private keyOf(row: number): number {
    return this.costs === undefined ? this.gainOf(row) : this.gainOf(row) / this.costs[row];
  }

  /** Sums in the same order each time, so that a gain never rises. */
  private gainOf(row: number): number {
    const { covered, edges, weights } = this;
    const count = edges.read(row);
    let gain = Math.max(0, weights[row] - covered[row]);
    for (let e = 0; e < count; e++) {
      const other = edges.targets[e];
      gain += Math.max(0, weights[row] * this.cosine(row, other, edges.lengths[e]) - covered[other]);
    }
    return gain;
  }

  /** From the distance of two rows and their lengths, in [0, 1]; 0 with a row of zeros. */
  private cosine(i: number, j: number, distance: number): number {
    const product = 2 * this.lengths[i] * this.lengths[j];
    if (product === 0) return 0;
    const cosine = 1 - (distance ** 2 - (this.lengths[i] - this.lengths[j]) ** 2) / product;
    return Math.min(1, Math.max(0, cosine));
  }
}

function* lengthsOf(vectors: Vectors): Steps<Float64Array> {
  const { cols } = vectors;
  const lengths = new Float64Array(vectors.rows);
  yield* blockSteps(vectors, ROWS_AT_ONCE, (block, start, end) => {
    for (let row = start; row < end; row++)
      lengths[row] = Math.sqrt(sumOfSquares(block, (row - start) * cols, (row - start + 1) * cols));
  });
  return lengths;
}

/** s of each row; 1 where all rows have the same density. */
function* usualness({ rows, k, distances }: NeighbourGraph, neighbours: number): Steps<Float64Array> {
  const weights = new Float64Array(rows).fill(1);
  if (neighbours === 0) return weights;
  const radius = (row: number): number => distances[row * k + neighbours - 1];
  let greatest = 0;
  let sum = 0;
  let squares = 0;
  const overRows = (visit: (row: number) => void): Steps<void> =>
    inParts(rows, (start, end) => {
      for (let row = start; row < end; row++) visit(row);
    });
  yield* overRows((row) => {
    greatest = Math.max(greatest, radius(row));
  });
  if (greatest === 0) return weights;
  yield* overRows((row) => {
    sum += radius(row) / greatest;
  });
  const mean = sum / rows;
  yield* overRows((row) => {
    squares += (radius(row) / greatest - mean) ** 2;
  });
  const variance = squares / rows;
  // Below that it is rounding.
  if (variance < 1e-24) return weights;
  yield* overRows((row) => {
    weights[row] = Math.exp(-((radius(row) / greatest - mean) ** 2) / (2 * variance));
  });
  return weights;
}

const PER_EDGE = 5e-8;
const PER_NUMBER = 1.5e-9;
/** A gain is evaluated anew so often per pick. */
const EVALUATED = 4;
const BYTES = { edge: 5, row: 80 };

/** Gains of all rows over their edges, and of some per pick anew. */
export function subzeroCost({ rows, cols, k, budget }: SelectWorkload): Cost {
  return costOf({
    serial: rows * (cols * PER_NUMBER + k * PER_EDGE) + budget * EVALUATED * 2 * k * PER_EDGE,
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
