import { CoresetError, type OnDiagnostics, type Vectors } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** What a selector may look at; each takes what it needs and ignores the rest. */
export interface SelectorInput {
  /** Rows to select from. */
  rows: number;
  /** Rows to keep, 1 to `rows`; where rows have costs the sum of costs to keep. */
  budget: number;
  /** Embeddings, rows × cols. */
  vectors?: Vectors;
  /** k nearest neighbours of each row. */
  graph?: NeighbourGraph;
  /**
   * Per row the first row with the same content, itself where it is the first. Rows with the same content have the same
   * vector. Default: rows with the same vector in `graph` have the same content.
   */
  contentRepresentative?: Int32Array;
  /** Difficulty of each row. */
  scores?: ArrayLike<number>;
  /** Class of each row, from 0 on; evaluation and per-class budgets only. */
  labels?: Int32Array;
  /** Rows that are kept whatever the method says: they come first, in this order, and count. */
  include?: ArrayLike<number>;
  /** Rows that take no part: they are not kept, and nothing has to stand for them. */
  exclude?: ArrayLike<number>;
  /** Per row: of rows that are near to one another (`nearDuplicate`, `maxSimilarity`) the one of greatest preference is kept. */
  preference?: ArrayLike<number>;
  /** Group of each row, from 0 on, among which `balance` shares the budget. */
  groups?: Int32Array;
  /** What keeping each row costs, above 0. Methods with gains take the row of greatest gain per cost. */
  costs?: ArrayLike<number>;
  /**
   * k nearest neighbours of each row by the vectors scaled to length 1, for `maxSimilarity` and `preference`. Default: `graph`,
   * where the vectors have length 1.
   */
  cosineGraph?: NeighbourGraph;
  /** What to keep rows like, any number of rows × the same columns as `vectors`; for `toward`. */
  target?: Vectors;
  /** What to keep rows unlike, beside `target`, any number of rows × the same columns as `vectors`; for `toward`. */
  away?: Vectors;
  /** A whole number from 0 to 2^53 − 1. Default: 0. */
  seed?: number;
  /** Stops the selection, which then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** As in `RunOptions`. */
  onDiagnostics?: OnDiagnostics;
}

/** Every part of {@link SelectorInput}. */
export const SELECTOR_INPUT: Readonly<Record<keyof SelectorInput, true>> = {
  rows: true,
  budget: true,
  vectors: true,
  graph: true,
  contentRepresentative: true,
  scores: true,
  labels: true,
  include: true,
  exclude: true,
  preference: true,
  groups: true,
  costs: true,
  cosineGraph: true,
  target: true,
  away: true,
  seed: true,
  signal: true,
  onDiagnostics: true,
};

/** Part of the input that a selector cannot do without. */
export type Need = 'vectors' | 'graph' | 'scores' | 'labels' | 'target';

/** The part of the input named, or a clear error. */
export function need<Key extends Need>(
  input: SelectorInput,
  key: Key,
  method: string,
): NonNullable<SelectorInput[Key]> {
  const value = input[key];
  if (value === undefined) throw new CoresetError(`method ${method} needs ${key}`);
  return value as NonNullable<SelectorInput[Key]>;
}
