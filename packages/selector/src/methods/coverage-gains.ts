import { inParts, type Steps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { LazyGreedy } from '../lazy-greedy.js';
import type { Picker } from '../picker.js';
import { inScoreUnit } from '../score-unit.js';

const ROWS_AT_ONCE = 2048;

/** How far each row is covered, and how much each would add. */
export class CoverageGains implements Picker {
  private readonly greedy: LazyGreedy;
  private readonly covered: Float32Array;

  static *over(
    graph: NeighbourGraph,
    gamma: number,
    weights: Float64Array | undefined,
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
    return new CoverageGains(graph, similarity, weights, unit, costs);
  }

  private constructor(
    private readonly graph: NeighbourGraph,
    private readonly similarity: Float32Array,
    private readonly weights: Float64Array | undefined,
    private readonly unit: number,
    private readonly costs: ArrayLike<number> | undefined,
  ) {
    this.covered = new Float32Array(graph.rows);
    this.greedy = new LazyGreedy(graph.rows, (row) => this.gainOf(row));
  }

  best(): number {
    return this.greedy.best();
  }

  take(row: number): void {
    const { covered, similarity } = this;
    const { k, neighbours } = this.graph;
    this.greedy.remove(row);
    covered[row] = 1;
    for (let e = row * k; e < (row + 1) * k; e++)
      if (similarity[e] > covered[neighbours[e]]) covered[neighbours[e]] = similarity[e];
  }

  pass(row: number): void {
    this.greedy.remove(row);
  }

  scores(): Float64Array {
    const { costs } = this;
    const scores = this.greedy.gains();
    if (costs !== undefined) for (let row = 0; row < scores.length; row++) scores[row] *= costs[row];
    return inScoreUnit(scores, this.unit);
  }

  private gainOf(row: number): number {
    const { covered, similarity, weights, costs } = this;
    const { k, neighbours } = this.graph;
    const end = (row + 1) * k;
    let gain = 1 - covered[row];
    if (weights === undefined) {
      for (let e = row * k; e < end; e++) {
        const more = similarity[e] - covered[neighbours[e]];
        if (more > 0) gain += more;
      }
    } else {
      gain *= weights[row];
      for (let e = row * k; e < end; e++) {
        const more = similarity[e] - covered[neighbours[e]];
        if (more > 0) gain += weights[neighbours[e]] * more;
      }
    }
    return costs === undefined ? gain : gain / costs[row];
  }
}
