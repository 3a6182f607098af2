import { rowMask, rowPlaces, type Steps, subsetSteps } from '@coreset/core';
import { noDuplicates } from '@coreset/graph';
import type { SelectorInput } from './methods/input.js';
import { subgraph } from './subgraph.js';

/** Rows that a method selects among, and what each of them stands for. */
export interface Candidates {
  /** Rows of the input that are candidates: of those with the same vector the first. Ascending. */
  rows: Int32Array;
  /** Per candidate the row of the input that is kept when it is picked. */
  kept: Int32Array;
  /** The candidate of a row of the input, or of the rows with its vector; −1 where all of them are left out. */
  of(row: number): number;
  /** Rows that no candidate is kept for although nothing before them has their content, see {@link Indistinguishable}. */
  indistinguishable: Int32Array;
  /** Different contents among the rows that are not left out. */
  distinctContents: number;
  /** The input with the candidates alone. */
  inputOf(input: SelectorInput): Steps<SelectorInput>;
  /** Picks among candidates as rows of the input. */
  keptFor(picks: Int32Array): Int32Array;
  /** A value per candidate as one per row of the input, 0 where there is none. */
  spread(values: Float64Array): Float64Array;
}

/**
 * Of rows that are alike one is a candidate: an included one, else the one of greatest preference, else the first.
 * Excluded rows are left out.
 * @param dropsDuplicates whether rows with the same vector count as alike
 */
export function* candidatesOf(input: SelectorInput, dropsDuplicates: boolean): Steps<Candidates> {
  const { rows, graph, contentRepresentative } = input;
  const itself = noDuplicates(rows);
  yield;
  if (input.exclude === undefined && (!dropsDuplicates || graph === undefined || !hasRepeats(graph.representative)))
    return allRows(itself);
  const byVector = (dropsDuplicates && graph?.representative) || itself;
  const byContent = (dropsDuplicates && (contentRepresentative ?? graph?.representative)) || itself;
  const isBefore = precedence(input);
  const isExcluded = rowMask(rows, input.exclude ?? []);
  const first = (representative: Int32Array): Int32Array => {
    const found = new Int32Array(rows).fill(-1);
    for (let row = 0; row < rows; row++) {
      if (isExcluded[row]) continue;
      const group = representative[row];
      if (found[group] < 0 || isBefore(row, found[group])) found[group] = row;
    }
    return found;
  };
  const keptOfVector = first(byVector);
  yield;
  const keptOfContent = byContent === byVector ? keptOfVector : first(byContent);
  yield;
  const candidates = itself.filter((row) => keptOfVector[row] >= 0);
  const candidateOf = rowPlaces(rows, candidates);
  const kept = candidates.map((row) => keptOfVector[row]);
  const contents = keptOfContent.filter((row) => row >= 0);
  return {
    rows: candidates,
    kept,
    of: (row) => candidateOf[byVector[row]],
    indistinguishable: contents.filter((row) => byContent[keptOfVector[byVector[row]]] !== byContent[row]).sort(),
    distinctContents: contents.length,
    *inputOf(whole) {
      if (candidates.length === rows) return whole;
      return yield* partOf(whole, candidates, kept);
    },
    keptFor: (picks) => picks.map((candidate) => kept[candidate]),
    spread: (values) => {
      const result = new Float64Array(rows);
      for (let row = 0; row < rows; row++)
        if (!isExcluded[row] && candidateOf[byVector[row]] >= 0) result[row] = values[candidateOf[byVector[row]]];
      return result;
    },
  };
}

function hasRepeats(representative: Int32Array): boolean {
  for (let row = 0; row < representative.length; row++) if (representative[row] !== row) return true;
  return false;
}

/** Every row for itself. */
function allRows(rows: Int32Array): Candidates {
  return {
    rows,
    kept: rows,
    of: (row) => row,
    indistinguishable: new Int32Array(0),
    distinctContents: rows.length,
    // biome-ignore lint/correctness/useYield: nothing to do
    *inputOf(whole) {
      return whole;
    },
    keptFor: (picks) => picks,
    spread: (values) => values,
  };
}

/** Whether the first of two rows that are alike is kept rather than the second. */
function precedence({ rows, include = [], preference }: SelectorInput): (row: number, other: number) => boolean {
  const isIncluded = rowMask(rows, include);
  return (row, other) => {
    if (isIncluded[row] !== isIncluded[other]) return isIncluded[row] > isIncluded[other];
    const difference = preference === undefined || isIncluded[row] ? 0 : preference[row] - preference[other];
    return difference > 0 || (difference === 0 && row < other);
  };
}

/**
 * The same input with a part of the rows alone, numbered anew.
 * @param kept the row that is kept for each of the part, which has the same vector
 */
function* partOf(input: SelectorInput, part: Int32Array, kept: Int32Array): Steps<SelectorInput> {
  const { graph, scores, labels, vectors, costs } = input;
  return {
    ...input,
    rows: part.length,
    budget: costs ? input.budget : Math.min(input.budget, part.length),
    graph: graph && (yield* subgraph(graph, part)),
    scores: scores && Float64Array.from(kept, (row) => scores[row]),
    labels: labels && Int32Array.from(kept, (row) => labels[row]),
    costs: costs && Float64Array.from(kept, (row) => costs[row]),
    vectors: vectors && (yield* subsetSteps(vectors, part)),
  };
}
