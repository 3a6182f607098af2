import type { Adjacency } from '@coreset/graph';
import { MaxHeap } from '../max-heap.js';

/**
 * How far each row is covered, and what each row that is not picked would cover beyond that.
 *
 * The worth of covering a row up to a similarity is weight · similarity, rounded to a multiple of a power of two so
 * large that sums and differences of all that a row may cover are exact: scores that fall step by step then equal
 * those computed anew, and ties stay ties.
 */
export class CoverageField {
  /** The greatest similarity of each row to a picked one. */
  readonly covered: Float32Array;
  /** What picking each row would add. */
  readonly heap: MaxHeap;
  private readonly adjacency: Adjacency;
  private readonly similarity: Float32Array;
  /** Of the edges in `incoming`; they would lie far apart in `similarity`. */
  private readonly incomingSimilarity: Float32Array;
  private readonly weights: Float64Array;
  /** Added and taken away again, it leaves a whole number of quanta. */
  private readonly rounder: number;

  /**
   * @param similarity in (0, 1] per edge, falling along each row's own list
   * @param weights what it is worth to cover each row
   */
  constructor(adjacency: Adjacency, similarity: Float32Array, weights: Float64Array) {
    this.adjacency = adjacency;
    this.similarity = similarity;
    this.weights = weights;
    this.covered = new Float32Array(adjacency.rows);
    this.incomingSimilarity = new Float32Array(adjacency.incoming.length);
    for (let at = 0; at < adjacency.incoming.length; at++) {
      this.incomingSimilarity[at] = similarity[adjacency.incoming[at]];
    }
    // Of 2^52 quanta and a half more, so that the unit of its last place is a quantum.
    this.rounder = 1.5 * 2 ** Math.ceil(Math.log2(greatestScore(adjacency, weights)));
    this.heap = new MaxHeap(this.initialScores());
  }

  /** Raise the coverage of a row, and lower the scores of all that would have covered it. */
  cover(row: number, after: number): void {
    const { covered, heap, similarity, incomingSimilarity, rounder } = this;
    const { k, neighbours, offsets, incoming } = this.adjacency;
    const { keys } = heap;
    const weight = this.weights[row];
    const before = covered[row];
    covered[row] = after;
    const worthBefore = weight * before + rounder - rounder;
    const gained = weight * after + rounder - rounder - worthBefore;
    if (keys[row] > Number.NEGATIVE_INFINITY) heap.update(row, keys[row] - gained);
    const end = (row + 1) * k;
    for (let e = row * k; e < end && similarity[e] > before; e++) {
      const other = neighbours[e];
      const s = similarity[e];
      const message = s >= after ? gained : weight * s + rounder - rounder - worthBefore;
      if (keys[other] > Number.NEGATIVE_INFINITY) heap.update(other, keys[other] - message);
    }
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const s = incomingSimilarity[at];
      if (s <= before) continue;
      const other = Math.floor(incoming[at] / k);
      const message = s >= after ? gained : weight * s + rounder - rounder - worthBefore;
      if (keys[other] > Number.NEGATIVE_INFINITY) heap.update(other, keys[other] - message);
    }
  }

  private initialScores(): Float64Array {
    const { similarity, rounder, weights } = this;
    const { rows, k, neighbours, oneSided } = this.adjacency;
    const scores = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      scores[i] += weights[i] + rounder - rounder;
      for (let e = i * k; e < (i + 1) * k; e++) {
        const j = neighbours[e];
        scores[i] += weights[j] * similarity[e] + rounder - rounder;
        if (oneSided[e >> 3] & (1 << (e & 7))) scores[j] += weights[i] * similarity[e] + rounder - rounder;
      }
    }
    return scores;
  }
}

/** A bound on all scores. */
function greatestScore({ rows, k, neighbours }: Adjacency, weights: Float64Array): number {
  const most = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    most[i] += Math.abs(weights[i]);
    for (let e = i * k; e < (i + 1) * k; e++) {
      most[i] += Math.abs(weights[neighbours[e]]);
      most[neighbours[e]] += Math.abs(weights[i]);
    }
  }
  return most.reduce((a, b) => Math.max(a, b), Number.MIN_VALUE);
}
