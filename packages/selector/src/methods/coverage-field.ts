import { type Adjacency, isOneSided } from '@coreset/graph';
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
    const worthBefore = inQuanta(weight * before, rounder);
    const worthAfter = inQuanta(weight * after, rounder);
    if (heap.has(row)) heap.update(row, keys[row] - (worthAfter - worthBefore));
    const end = (row + 1) * k;
    for (let e = row * k; e < end && similarity[e] > before; e++) {
      const other = neighbours[e];
      if (!heap.has(other)) continue;
      const worth = inQuanta(weight * Math.min(after, similarity[e]), rounder);
      heap.update(other, keys[other] - (worth - worthBefore));
    }
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      if (incomingSimilarity[at] <= before) continue;
      const other = Math.floor(incoming[at] / k);
      if (!heap.has(other)) continue;
      const worth = inQuanta(weight * Math.min(after, incomingSimilarity[at]), rounder);
      heap.update(other, keys[other] - (worth - worthBefore));
    }
  }

  private initialScores(): Float64Array {
    const { adjacency, similarity, rounder, weights } = this;
    const { rows, k, neighbours } = adjacency;
    const scores = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      scores[i] += inQuanta(weights[i], rounder);
      for (let e = i * k; e < (i + 1) * k; e++) {
        const j = neighbours[e];
        scores[i] += inQuanta(weights[j] * similarity[e], rounder);
        if (isOneSided(adjacency, e)) scores[j] += inQuanta(weights[i] * similarity[e], rounder);
      }
    }
    return scores;
  }
}

/** To the nearest multiple of the unit in the rounder's last place. */
function inQuanta(worth: number, rounder: number): number {
  return worth + rounder - rounder;
}

/** A bound on all scores. */
function greatestScore({ rows, k, offsets }: Adjacency, weights: Float64Array): number {
  let mostEdges = 0;
  let greatestWeight = Number.MIN_VALUE;
  for (let i = 0; i < rows; i++) {
    mostEdges = Math.max(mostEdges, k + offsets[i + 1] - offsets[i]);
    greatestWeight = Math.max(greatestWeight, Math.abs(weights[i]));
  }
  return (1 + mostEdges) * greatestWeight;
}
