import type { SharedMemory, Vectors } from '@coreset/core';
import type { CodeTable } from '@coreset/kernels';
import type { PairData } from './pair-search.js';

/** Shared with every worker; all arrays in shared memory. */
export interface ExactData {
  vectors: Vectors;
  /** That begins with the vectors, if they are in one. */
  memory?: SharedMemory;
  /** Rows whose neighbours are searched; default: all. */
  queryRows?: Int32Array;
  k: number;
  /** All rows' codes, unless they do not fit. */
  table?: CodeTable;
  /** For a search of all rows by pairs. */
  pairs?: PairData;
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
  /** Per query the score below which nothing is worth looking at; default: none. */
  leastScores?: Int32Array;
}

/** Queries whose lists could not be proved, with the score that a candidate must reach to be looked at again. */
export interface Unverified {
  queries: Int32Array;
  leastScores: Int32Array;
}
