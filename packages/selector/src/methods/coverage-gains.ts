import { inParts, type Steps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { MaxHeap } from '../max-heap.js';
import type { Picker } from '../picker.js';
import { inScoreUnit } from '../score-unit.js';

const ROWS_AT_ONCE = 2048;

/** How far each row is covered, and how much each would add. */
export class CoverageGains implements Picker {
  private readonly heap: MaxHeap;
  private readonly covered: Float32Array;

  static *over(
    graph: NeighbourGraph,
    gamma: number,
    weights: Float64Array,
    unit: number,
    costs: ArrayLike<number> | undefined,
  ): Steps<CoverageGains> {
    const { rows, k, neighbours, distances } = graph;
    const similarity = new Float32Array(rows * k);
    yield* inParts(
      rows,
      (start, end) => {
        for (let i = start; i < end; i++)
          for (let e = i * k; e < (i + 1) * k; e++)
            similarity[e] = neighbours[e] === i ? 0 : Math.exp(-gamma * distances[e] * distances[e]);
      },
      ROWS_AT_ONCE,
    );
    const keys = new Float64Array(rows);
    const gains = new CoverageGains(graph, similarity, weights, unit, costs, keys);
    yield* inParts(
      rows,
      (start, end) => {
        for (let i = start; i < end; i++) keys[i] = gains.gainOf(i);
      },
      ROWS_AT_ONCE,
    );
    return gains;
  }

  private constructor(
    private readonly graph: NeighbourGraph,
    private readonly similarity: Float32Array,
    private readonly weights: Float64Array,
    private readonly unit: number,
    private readonly costs: ArrayLike<number> | undefined,
    keys: Float64Array,
  ) {
    this.covered = new Float32Array(graph.rows);
    this.heap = new MaxHeap(keys);
  }

  best(): number {
    const { heap } = this;
    while (true) {
      const top = heap.peek();
      if (top < 0) return -1;
      const gain = this.gainOf(top);
      if (gain >= heap.keys[top]) return top;
      heap.update(top, gain);
    }
  }

  take(row: number): void {
    const { covered, similarity, heap } = this;
    const { k, neighbours } = this.graph;
    heap.update(row, this.gainOf(row));
    heap.remove(row);
    covered[row] = 1;
    for (let e = row * k; e < (row + 1) * k; e++)
      if (similarity[e] > covered[neighbours[e]]) covered[neighbours[e]] = similarity[e];
  }

  pass(row: number): void {
    this.heap.remove(row);
  }

  scores(): Float64Array {
    const { heap, costs } = this;
    for (let row = 0; row < this.graph.rows; row++) if (heap.has(row)) heap.update(row, this.gainOf(row));
    const scores = heap.lastKeys().slice();
    if (costs !== undefined) for (let row = 0; row < scores.length; row++) scores[row] *= costs[row];
    return inScoreUnit(scores, this.unit);
  }

  private gainOf(row: number): number {
    const { covered, similarity, weights, costs } = this;
    const { k, neighbours } = this.graph;
    let gain = weights[row] * (1 - covered[row]);
    for (let e = row * k; e < (row + 1) * k; e++) {
      const other = neighbours[e];
      if (similarity[e] > covered[other]) gain += weights[other] * (similarity[e] - covered[other]);
    }
    return costs === undefined ? gain : gain / costs[row];
  }
}
