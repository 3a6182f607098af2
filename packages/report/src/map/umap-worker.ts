import { seedOf32Bits } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { type Memberships, memberships } from './memberships.js';

/** What a map is made of, in shared memory. */
export interface UmapData {
  graph: NeighbourGraph;
  /** Neighbours of a row that count. */
  neighbours: number;
  epochs: number;
  seed: number;
  /** Where rows lie, rows × 2: before and after. */
  places: Float64Array;
}

/** The tasks of the worker. */
export interface UmapTasks {
  /** Move the rows in the epochs `start` to `end` − 1, which follow those of the call before. */
  move(epochs: { start: number; end: number }): void;
}

/** A row is pushed from so many others, drawn at random, for each edge that pulls it. */
const PUSHES = 5;
/** No coordinate moves by more than this at once, times the rate. */
const LONGEST = 4;
/** Two rows at the distance d on the map are taken for neighbours by 1 / (1 + SPREAD d²). */
const SPREAD = 1.6;
const NEAR = 1e-3;

export function serve(data: UmapData): UmapTasks {
  let layout: Layout | undefined;
  return {
    move({ start, end }): void {
      layout ??= new Layout(data);
      for (let epoch = start; epoch < end; epoch++) layout.move(epoch);
    },
  };
}

/** Stochastic gradient descent of UMAP (McInnes, Healy & Melville 2018, algorithm 5), one row after the other. */
class Layout {
  private readonly edges: Memberships;
  /** Epochs between two pulls of each edge, and the epoch of the next. */
  private readonly between: Float32Array;
  private readonly due: Float32Array;
  /** Rows that are on the map: duplicates are not. */
  private readonly present: Int32Array;
  private state: number;

  constructor(private readonly data: UmapData) {
    const { graph, neighbours, epochs, seed } = data;
    this.edges = memberships(graph, neighbours);
    const { weight } = this.edges;
    const greatest = weight.reduce((most, one) => Math.max(most, one), 0);
    // An edge that would pull less than once never does.
    this.between = weight.map((one) => (one * epochs < greatest ? Number.POSITIVE_INFINITY : greatest / one));
    this.due = this.between.slice();
    this.present = Int32Array.from(graph.representative.keys()).filter((row) => graph.representative[row] === row);
    this.state = seedOf32Bits(seed) || 1;
  }

  move(epoch: number): void {
    const { from, to } = this.edges;
    const { between, due, present } = this;
    const { places, epochs } = this.data;
    const rate = 1 - epoch / epochs;
    for (let e = 0; e < from.length; e++) {
      if (due[e] > epoch + 1) continue;
      due[e] += between[e];
      const i = 2 * from[e];
      const j = 2 * to[e];
      let x = places[i];
      let y = places[i + 1];
      let dx = x - places[j];
      let dy = y - places[j + 1];
      const pull = (-2 * SPREAD) / (1 + SPREAD * (dx * dx + dy * dy));
      const byX = rate * clipped(pull * dx);
      const byY = rate * clipped(pull * dy);
      x += byX;
      y += byY;
      places[j] -= byX;
      places[j + 1] -= byY;
      for (let p = 0; p < PUSHES; p++) {
        const other = 2 * present[this.below(present.length)];
        if (other === i) continue;
        dx = x - places[other];
        dy = y - places[other + 1];
        const squared = dx * dx + dy * dy;
        const push = 2 / ((NEAR + squared) * (1 + SPREAD * squared));
        x += rate * clipped(push * dx);
        y += rate * clipped(push * dy);
      }
      places[i] = x;
      places[i + 1] = y;
    }
  }

  /** Uniform in 0 … n − 1 but for a share of n / 2³²: xorshift (Marsaglia 2003), since numbers are drawn in the innermost loop. */
  private below(n: number): number {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return (state >>> 0) % n;
  }
}

function clipped(step: number): number {
  return Math.max(-LONGEST, Math.min(LONGEST, step));
}
