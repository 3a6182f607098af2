import { inParts, type Steps } from '@coreset/core';
import { type Adjacency, isOneSided, type MessageWeight } from '@coreset/graph';
import { MaxHeap } from '../max-heap.js';

const ROWS_AT_ONCE = 2048;

/**
 * How far each row is covered, and the gain of each row: how much picking it would add to the coverage of all rows.
 *
 * Covering row i up to similarity s is worth weight_i · s, rounded to whole quanta. The quantum is a power of two so large
 * that sums and differences of worths are exact: gains that fall step by step equal gains computed anew, and ties stay
 * ties.
 */
export class CoverageGains {
  /** What picking each row would add. */
  heap: MaxHeap = new MaxHeap(new Float64Array(0));
  /** The greatest similarity of each row to a picked one. */
  private readonly covered: Float32Array;
  /** Row i has the edges `offsets[i]` to `offsets[i + 1] - 1`. */
  private readonly offsets: Int32Array;
  /** At 2e the row that edge e leads to, in the same memory as the edge's similarity, since both are read together. */
  private readonly targets: Int32Array;
  /** At 2e + 1 the similarity in (0, 1] over edge e, in the same memory. */
  private readonly similarity: Float32Array;
  private readonly weights: Float64Array;
  /** A number that is added and subtracted again to round to whole quanta. */
  private readonly rounder: number;

  /**
   * @param similarityOf an edge's length
   * @param weights what it is worth to cover each row
   */
  static *over(adjacency: Adjacency, similarityOf: MessageWeight, weights: Float64Array): Steps<CoverageGains> {
    const gains = new CoverageGains(adjacency, weights);
    yield* gains.layOut(adjacency, similarityOf);
    gains.heap = new MaxHeap(yield* gains.initialScores());
    return gains;
  }

  private constructor(adjacency: Adjacency, weights: Float64Array) {
    const { rows, k, incoming } = adjacency;
    const edges = new ArrayBuffer(8 * (rows * k + incoming.length));
    this.offsets = new Int32Array(rows + 1);
    this.targets = new Int32Array(edges);
    this.similarity = new Float32Array(edges);
    this.weights = weights;
    this.covered = new Float32Array(rows);
    for (let i = 0; i <= rows; i++) this.offsets[i] = i * k + adjacency.offsets[i];
    // 1.5 · 2^52 quanta: the unit in its last place is a quantum.
    this.rounder = 1.5 * 2 ** Math.ceil(Math.log2(greatestScore(this.offsets, weights)));
  }

  /**
   * Take the row that would cover most, and let it cover itself and its neighbours.
   * @param by becomes the row for each neighbour that it covers better than those before
   */
  pick(by: Int32Array): number {
    const { covered, offsets, targets, similarity } = this;
    const picked = this.heap.pop();
    this.cover(picked, 1);
    const end = 2 * offsets[picked + 1];
    for (let e = 2 * offsets[picked]; e < end; e += 2) {
      const neighbour = targets[e];
      if (similarity[e + 1] <= covered[neighbour]) continue;
      this.cover(neighbour, similarity[e + 1]);
      by[neighbour] = picked;
    }
    return picked;
  }

  /** Raise the coverage of a row, and lower the scores of all that would have covered it. */
  private cover(row: number, after: number): void {
    const { covered, heap, offsets, targets, similarity, rounder } = this;
    const weight = this.weights[row];
    const before = covered[row];
    covered[row] = after;
    const worthBefore = inQuanta(weight * before, rounder);
    heap.lower(row, inQuanta(weight * after, rounder) - worthBefore);
    const end = 2 * offsets[row + 1];
    for (let e = 2 * offsets[row]; e < end; e += 2) {
      const s = similarity[e + 1];
      if (s > before) heap.lower(targets[e], inQuanta(weight * Math.min(after, s), rounder) - worthBefore);
    }
  }

  /** Each row's own list, then the rows that list it and are not listed by it. */
  private *layOut(adjacency: Adjacency, similarityOf: MessageWeight): Steps<void> {
    const { offsets, targets, similarity } = this;
    const { rows, k, neighbours, distances } = adjacency;
    const next = Int32Array.from({ length: rows }, (_, i) => 2 * (offsets[i] + k));
    yield* inParts(
      rows,
      (start, end) => {
        for (let i = start; i < end; i++) {
          for (let e = i * k, at = 2 * offsets[i]; e < (i + 1) * k; e++, at += 2) {
            const other = neighbours[e];
            const s = similarityOf.of(distances[e]);
            targets[at] = other;
            similarity[at + 1] = s;
            if (!isOneSided(adjacency, e)) continue;
            targets[next[other]] = i;
            similarity[next[other] + 1] = s;
            next[other] += 2;
          }
        }
      },
      ROWS_AT_ONCE,
    );
  }

  private *initialScores(): Steps<Float64Array> {
    const { offsets, targets, similarity, rounder, weights } = this;
    const scores = new Float64Array(weights.length);
    yield* inParts(
      scores.length,
      (start, end) => {
        for (let i = start; i < end; i++) {
          let score = inQuanta(weights[i], rounder);
          for (let e = 2 * offsets[i]; e < 2 * offsets[i + 1]; e += 2)
            score += inQuanta(weights[targets[e]] * similarity[e + 1], rounder);
          scores[i] = score;
        }
      },
      ROWS_AT_ONCE,
    );
    return scores;
  }
}

/** To the nearest multiple of the unit in the rounder's last place. */
function inQuanta(worth: number, rounder: number): number {
  return worth + rounder - rounder;
}

/** A bound on all scores. */
function greatestScore(offsets: Int32Array, weights: Float64Array): number {
  let mostEdges = 0;
  let greatestWeight = Number.MIN_VALUE;
  for (let i = 0; i < weights.length; i++) {
    mostEdges = Math.max(mostEdges, offsets[i + 1] - offsets[i]);
    greatestWeight = Math.max(greatestWeight, Math.abs(weights[i]));
  }
  return (1 + mostEdges) * greatestWeight;
}
