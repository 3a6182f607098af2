import { CoresetError, fallingOrder, type OnDiagnostics, type Steps, type Vectors } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import type { Selection } from '../selection.js';

/** What a selector may look at; each takes what it needs and ignores the rest. */
export interface SelectorInput {
  /** Rows to select from. */
  rows: number;
  /** Rows to keep, 1 to `rows`. */
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
  seed: true,
  signal: true,
  onDiagnostics: true,
};

/** Part of the input that a selector cannot do without. */
export type Need = 'vectors' | 'graph' | 'scores' | 'labels';

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

/**
 * A selection from an order of rows in which each row's score is its rank value; nothing suppresses anything.
 * @param scores what the order was made from, for the report
 */
export function selectionFromOrder(order: Int32Array, rows: number, scores: Float64Array): Selection {
  return { order, rows, by: new Int32Array(rows).fill(-1), scoreBefore: scores, scoreAfter: scores };
}

/** The `budget` rows of greatest value, greatest first, ties by lowest row. */
export function* greatestFirst(values: Float64Array, budget: number): Steps<Int32Array> {
  return (yield* fallingOrder(values)).slice(0, budget);
}
