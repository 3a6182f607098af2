import { CoresetError, gatherRows, inParts, type Matrix, normaliseRows, type Steps, type Vectors } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** What rounding of float32 distances may add to a squared distance. */
const ROUNDING = 1e-6;

/**
 * Which rows are near to one another: their cosine is at least some similarity. Found are all that the graph's lists name;
 * where a list may be too short, which its last neighbour tells, all rows with such lists are compared.
 */
export class NearRows {
  /** Representatives near to representative i are `near[offsets[i]]` to `near[offsets[i + 1] − 1]`. */
  private readonly offsets: Int32Array;
  private readonly near: Int32Array;
  private readonly crowded: Crowd | undefined;
  /** Rows with the vector of an earlier one, which lists do not name, by that one. */
  private readonly repeats: Map<number, number[]>;

  /**
   * @param graph by Euclidean distances between vectors of length 1
   * @param similarity least cosine of near rows, in (0, 1]
   * @param vectors needed where a row has k near ones or more
   */
  static *among(graph: NeighbourGraph, similarity: number, vectors: Vectors | undefined): Steps<NearRows> {
    const { rows, k, neighbours, distances, representative } = graph;
    const greatest = 2 - 2 * similarity + ROUNDING;
    const isNear = (e: number): boolean => distances[e] * distances[e] <= greatest;
    const offsets = new Int32Array(rows + 1);
    const lasts: number[] = [];
    // Both ends of an edge are near to each other; one that both list is there twice, which does no harm.
    yield* inParts(rows, (start, end) => {
      for (let i = start; i < end; i++) {
        if (representative[i] !== i) continue;
        for (let e = i * k; e < (i + 1) * k && isNear(e); e++) {
          offsets[i + 1]++;
          offsets[neighbours[e] + 1]++;
          if (e === (i + 1) * k - 1 && k < rows - 1) lasts.push(i);
        }
      }
    });
    for (let i = 0; i < rows; i++) offsets[i + 1] += offsets[i];
    const next = offsets.slice();
    const near = new Int32Array(offsets[rows]);
    yield* inParts(rows, (start, end) => {
      for (let i = start; i < end; i++) {
        if (representative[i] !== i) continue;
        for (let e = i * k; e < (i + 1) * k && isNear(e); e++) {
          near[next[i]++] = neighbours[e];
          near[next[neighbours[e]]++] = i;
        }
      }
    });
    const crowded = lasts.length > 0 ? crowdOf(lasts, greatest, k, vectors) : undefined;
    return new NearRows(offsets, near, crowded, representative);
  }

  private constructor(
    offsets: Int32Array,
    near: Int32Array,
    crowded: Crowd | undefined,
    private readonly representative: Int32Array,
  ) {
    this.offsets = offsets;
    this.near = near;
    this.crowded = crowded;
    this.repeats = new Map();
    for (let row = 0; row < representative.length; row++) {
      const first = representative[row];
      if (first === row) continue;
      const others = this.repeats.get(first);
      if (others) others.push(row);
      else this.repeats.set(first, [row]);
    }
  }

  /**
   * Visit the rows near to one; some may be visited twice.
   * @param isWanted rows that need not be compared are those of which it says no
   */
  visit(row: number, visit: (other: number) => void, isWanted: (other: number) => boolean): void {
    const { offsets, near, crowded, repeats } = this;
    const first = this.representative[row];
    const visitAll = (representative: number): void => {
      if (representative !== row) visit(representative);
      for (const other of repeats.get(representative) ?? []) if (other !== row) visit(other);
    };
    visitAll(first);
    for (let at = offsets[first]; at < offsets[first + 1]; at++) visitAll(near[at]);
    const isAnyWanted = (other: number): boolean =>
      isWanted(other) || (repeats.get(other)?.some((one) => isWanted(one)) ?? false);
    crowded?.visit(first, visitAll, isAnyWanted);
  }
}

/**
 * Rows of which all listed neighbours are near, so that there may be more. Two near rows of which one is no such row are
 * found by that one's list.
 */
interface Crowd {
  visit(row: number, visit: (other: number) => void, isWanted: (other: number) => boolean): void;
}

function crowdOf(rows: number[], greatest: number, k: number, vectors: Vectors | undefined): Crowd {
  if (vectors === undefined)
    throw new CoresetError(
      `row ${rows[0]} and others have all of their ${k} listed neighbours so near that there may be more: give vectors, or a graph with more neighbours`,
    );
  const unit: Matrix = gatherRows(vectors, rows);
  normaliseRows(unit.data, unit.cols);
  const placeOf = new Map(rows.map((row, place) => [row, place]));
  const { data, cols } = unit;
  const leastProduct = 1 - greatest / 2;
  return {
    visit(row, visit, isWanted) {
      const place = placeOf.get(row);
      if (place === undefined) return;
      for (let other = 0; other < rows.length; other++) {
        if (other === place || !isWanted(rows[other])) continue;
        let product = 0;
        for (let c = 0; c < cols; c++) product += data[place * cols + c] * data[other * cols + c];
        if (product >= leastProduct) visit(rows[other]);
      }
    },
  };
}
