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
import type { NeighbourGraph } from '@coreset/graph';
import type { SelectWorkload } from '../cost.js';
import { distanceToNth } from '../list-distances.js';
import type { Picker } from '../picker.js';
import { rowsToKeep } from '../rows-to-keep.js';
import { CoverageGains, overLists } from './coverage-gains.js';
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
 * A pick covers itself and the rows of its own list, so all is O(N · k · log N) in practice. Where rows have costs the greatest
 * gain per cost is best. The order is that of the given budget: another budget may have another K.
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
  const weights = await inTurns(usualness(graph, neighbours), signal);
  const similarity = await inTurns(weightedCosines(graph, await inTurns(lengthsOf(vectors), signal), weights), signal);
  return new CoverageGains({ graph, similarity, own: weights, costs });
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

/** s_j · cos(i, j) of each row j with each i of its list, from their distance and lengths; 0 with a row of zeros. */
function weightedCosines(graph: NeighbourGraph, lengths: Float64Array, weights: Float32Array): Steps<Float32Array> {
  const { distances } = graph;
  return overLists(graph, (row, other, e) => {
    const product = 2 * lengths[row] * lengths[other];
    if (product === 0) return 0;
    const cosine = 1 - (distances[e] ** 2 - (lengths[row] - lengths[other]) ** 2) / product;
    return weights[row] * Math.min(1, Math.max(0, cosine));
  });
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
function* usualness(graph: NeighbourGraph, neighbours: number): Steps<Float32Array> {
  const { rows } = graph;
  const weights = new Float32Array(rows).fill(1);
  if (neighbours === 0) return weights;
  const radius = (row: number): number => distanceToNth(graph, row, neighbours);
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

/** Per edge at the start, and per edge of a pick, for which some gains are computed anew. */
const PER_EDGE = { start: 3e-8, picked: 3.5e-7 };
const PER_ROW = 3e-7;
const PER_NUMBER = 8e-10;
const BYTES = { edge: 4, row: 60 };

/** Gains of all rows over their lists, and of some anew per pick. */
export function subzeroCost({ rows, cols, k, budget }: SelectWorkload): Cost {
  return costOf({
    serial: rows * (cols * PER_NUMBER + k * PER_EDGE.start + PER_ROW) + budget * k * PER_EDGE.picked,
    memory: rows * (k * BYTES.edge + BYTES.row),
  });
}
