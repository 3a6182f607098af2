import type { Vectors, WasmMemory } from '@coreset/core';
import type { CodeTable } from '@coreset/kernels';
import type { PairLists } from './pair-lists.js';

/** Shared with every worker; all arrays in shared memory. */
export interface ExactData {
  vectors: Vectors;
  /** The WebAssembly memory that begins with the vectors, if there is one. */
  memory?: WasmMemory;
  /** Rows whose neighbours are searched; default: all. */
  queryRows?: Int32Array;
  k: number;
  /** All rows' codes, unless they do not fit. */
  table?: CodeTable;
  /** Where all rows are searched, and each pair once. */
  pairs?: PairLists;
  /** The most candidates that a task asks for. */
  mostCandidates: number;
  /** One number, the greatest error of a code among all rows; set once all are encoded. */
  largestError: Float64Array;
  /** queries × k results. */
  neighbours: Int32Array;
  distances: Float32Array;
}

/** Queries to search, by their place in the result. */
export interface SearchTask {
  queries: Int32Array;
  /** Candidates kept per query. */
  candidates: number;
  /** Per query a score; candidates with a lower one are skipped. Default: none are. */
  leastScores?: Int32Array;
}

/** Queries whose lists are not guaranteed to be exact, and the score that a candidate must reach in the next search. */
export interface Unverified {
  queries: Int32Array;
  leastScores: Int32Array;
}
