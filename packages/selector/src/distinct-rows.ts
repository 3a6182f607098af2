import { inParts, rowMask, type Steps, subsetSteps } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { noDuplicates } from '@coreset/graph';
import type { SelectorInput } from './methods/input.js';
import type { Selection } from './selection.js';

/** The rows that represent themselves, and their graph. */
export interface DistinctRows {
  /** The distinct rows, ascending. */
  rows: Int32Array;
  /** The graph over them alone, rows numbered anew. */
  graph: NeighbourGraph;
}

/** @returns undefined when no row repeats another */
export function* distinctRows(graph: NeighbourGraph): Steps<DistinctRows | undefined> {
  const { k, representative } = graph;
  if (!hasDuplicates(representative)) return undefined;
  const rows = representative.filter((first, row) => first === row);
  const numberOf = new Int32Array(graph.rows).fill(-1);
  for (let d = 0; d < rows.length; d++) numberOf[rows[d]] = d;
  const neighbours = new Int32Array(rows.length * k);
  const distances = graph.distances.slice(0, rows.length * k);
  yield* inParts(rows.length, (start, end) => {
    for (let d = start; d < end; d++) {
      for (let e = 0; e < k; e++) {
        neighbours[d * k + e] = numberOf[graph.neighbours[rows[d] * k + e]];
        distances[d * k + e] = graph.distances[rows[d] * k + e];
      }
    }
  });
  return { rows, graph: { rows: rows.length, k, neighbours, distances, representative: noDuplicates(rows.length) } };
}

function hasDuplicates(representative: Int32Array): boolean {
  for (let row = 0; row < representative.length; row++) if (representative[row] !== row) return true;
  return false;
}

/** The same input with the distinct rows alone. */
export function* distinctInput(input: SelectorInput, { rows, graph }: DistinctRows): Steps<SelectorInput> {
  const { scores, labels, vectors } = input;
  return {
    ...input,
    rows: rows.length,
    budget: Math.min(input.budget, rows.length),
    graph,
    scores: scores && Float64Array.from(rows, (row) => scores[row]),
    labels: labels && Int32Array.from(rows, (row) => labels[row]),
    vectors: vectors && (yield* subsetSteps(vectors, rows)),
  };
}

/**
 * Expand a selection among distinct rows to one among all rows. A duplicate is dropped for its representative, or, where
 * that one was dropped too, for the row that stands for it.
 */
export function* expandSelection(selection: Selection, rows: Int32Array, representative: Int32Array): Steps<Selection> {
  const total = representative.length;
  const order = selection.order.map((row) => rows[row]);
  const by = new Int32Array(total).fill(-1);
  const scoreBefore = new Float64Array(total);
  const scoreAfter = new Float64Array(total);
  const kept = rowMask(total, order);
  yield* inParts(rows.length, (start, end) => {
    for (let d = start; d < end; d++) {
      if (selection.by[d] >= 0) by[rows[d]] = rows[selection.by[d]];
      scoreBefore[rows[d]] = selection.scoreBefore[d];
      scoreAfter[rows[d]] = selection.scoreAfter[d];
    }
  });
  yield* inParts(total, (start, end) => {
    for (let row = start; row < end; row++) {
      const first = representative[row];
      if (first === row) continue;
      by[row] = kept[first] ? first : by[first];
      scoreBefore[row] = scoreBefore[first];
      scoreAfter[row] = scoreAfter[first];
    }
  });
  return { order, rows: total, by, scoreBefore, scoreAfter };
}
