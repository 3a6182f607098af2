import {
  CoresetError,
  collectGarbage,
  type Diagnostics,
  type DiagnosticValue,
  diagnose,
  formatCount,
  inParts,
  inTurns,
  pickOptions,
  RUN_OPTIONS,
  type RunOptions,
  requireInteger,
  requireKnownOptions,
  requireSeed,
  requireVectors,
  type Steps,
  shareSteps,
  showAs,
  shownInCell,
  subsetSteps,
  type Vectors,
} from '@coreset/core';
import { duplicateSteps } from './duplicates.js';
import { exactNeighbours, type NeighbourLists } from './exact/exact.js';
import { HNSW_OPTIONS, type HnswOptions, hnswNeighbours } from './hnsw.js';
import { defaultLists, defaultProbes, IVF_OPTIONS, type IvfOptions, ivfNeighbours } from './ivf/ivf.js';
import { type NeighbourGraph, noDuplicates } from './neighbour-graph.js';
import { estimateRecall } from './recall.js';

/** How the neighbours are searched; `auto` is exact as long as that takes seconds, and an inverted file beyond. */
export type GraphBackend = 'auto' | 'exact' | 'ivf' | 'hnsw';

export const GRAPH_BACKENDS: GraphBackend[] = ['auto', 'exact', 'ivf', 'hnsw'];

/** Up to about this many multiplications `auto` searches exactly: 88,000 rows of 384 columns. */
const EXACT_MULTIPLICATIONS = 3e12;
/** `auto` searches more lists until the estimated recall is this. */
const AUTO_RECALL = 0.98;
/** With more probes an exact search is as fast. */
const WORTHWHILE_PROBES = 1 / 5;
/** Twice the probes leave some 0.4 of what was missed. */
const PROBES_PER_MISSED = Math.log(2) / Math.log(1 / 0.4);
const LEAST_STEP = 1.5;

/** Options of {@link buildGraph}. */
export interface GraphOptions extends RunOptions, HnswOptions, IvfOptions {
  /** Neighbours per row. Default: 10. Shrinks to the number of distinct rows − 1. */
  k?: number;
  /** Default: `auto`. */
  backend?: GraphBackend;
  /** Group rows with the same vector first and search among one of each. Default: true. */
  groupDuplicates?: boolean;
}

/** Every option of {@link GraphOptions}. */
export const GRAPH_OPTIONS: Readonly<Record<keyof GraphOptions, true>> = {
  ...RUN_OPTIONS,
  ...HNSW_OPTIONS,
  ...IVF_OPTIONS,
  k: true,
  backend: true,
  groupDuplicates: true,
};

/**
 * Build the k-nearest-neighbour graph of D2 Pruning (section 3.1) with Euclidean distances.
 *
 * Exact duplicates are grouped first, since a row among k copies of itself would see nothing else: only
 * the first of a group takes part in the search, and the others get it and its neighbours as their list.
 *
 * @param vectors rows × cols, finite
 * @throws CoresetError when an option is out of range or the backend is not installed
 */
export async function buildGraph(vectors: Vectors, given: GraphOptions = {}): Promise<NeighbourGraph> {
  requireKnownOptions('buildGraph', given, GRAPH_OPTIONS);
  const options = shownInCell(given);
  const { k: wanted = 10, backend = 'auto', groupDuplicates = true, signal } = options;
  requireInteger('k', wanted, 1);
  if (options.seed !== undefined) requireSeed(options.seed);
  requireVectors(vectors);
  resolveBackend(backend, vectors);
  const representative = groupDuplicates ? await inTurns(duplicateSteps(vectors), signal) : noDuplicates(vectors.rows);
  const distinct = representative.filter((first, row) => first === row);
  const repeats = vectors.rows - distinct.length;
  const k = Math.max(0, Math.min(wanted, distinct.length - 1));
  if (k < wanted) {
    options.onNotice?.(`k shrank from ${wanted} to ${k}: the number of rows that differ is ${distinct.length}`);
  }
  diagnose(options, 'graph', {
    rows: vectors.rows,
    cols: vectors.cols,
    kAsked: wanted,
    k,
    backendAsked: backend,
    groupDuplicates,
    distinct: distinct.length,
    duplicateGroups: groupsWithDuplicates(representative),
  });
  const searched = repeats === 0 ? vectors : await inTurns(subsetSteps(vectors, distinct), signal);
  const lists =
    k === 0
      ? { neighbours: new Int32Array(0), distances: new Float32Array(0) }
      : await search(searched, k, backend, options);
  const graph = repeats === 0 ? lists : await inTurns(expand(lists, k, representative, distinct), signal);
  return showAs({ rows: vectors.rows, k, representative, ...graph }, () => ({
    'text/plain': `graph: ${formatCount(vectors.rows)} rows × ${k} neighbours, ${formatCount(repeats)} rows with the vector of an earlier one`,
  }));
}

function search(vectors: Vectors, k: number, backend: GraphBackend, options: GraphOptions): Promise<NeighbourLists> {
  const resolved = resolveBackend(backend, vectors);
  diagnose(options, 'graph', { backend: resolved });
  if (resolved === 'hnsw') return hnswNeighbours(vectors, k, options);
  if (resolved === 'exact') return exactNeighbours(vectors, k, options);
  if (backend === 'auto') return goodEnough(vectors, k, options);
  diagnose(options, 'graph', { recall: null });
  return ivfNeighbours(vectors, k, options);
}

/**
 * The back end that searches vectors of this size: `auto` is exact as long as that takes seconds, else it begins with `ivf`.
 * @throws CoresetError when there is no such back end
 */
export function resolveBackend(
  backend: GraphBackend,
  { rows, cols }: Pick<Vectors, 'rows' | 'cols'>,
): Exclude<GraphBackend, 'auto'> {
  if (!GRAPH_BACKENDS.includes(backend)) {
    throw new CoresetError(`backend '${backend}' is not known; use one of ${GRAPH_BACKENDS.join(', ')}`);
  }
  if (backend !== 'auto') return backend;
  return rows ** 2 * cols <= EXACT_MULTIPLICATIONS ? 'exact' : 'ivf';
}

/** Inverted-file search with as many probes as the recall asks for; exact search where that is as fast. */
export async function goodEnough(vectors: Vectors, k: number, options: GraphOptions): Promise<NeighbourLists> {
  const shared = await inTurns(shareSteps(vectors), options.signal);
  const lists = options.lists ?? defaultLists(vectors.rows);
  let probes = options.probes ?? defaultProbes(lists, k);
  const attempts: DiagnosticValue[] = [];
  while (probes <= lists * WORTHWHILE_PROBES) {
    let facts: Diagnostics = {};
    const found = await ivfNeighbours(shared, k, {
      ...options,
      lists,
      probes,
      onDiagnostics: (_, told) => {
        facts = { ...facts, ...told };
      },
    });
    collectGarbage();
    const recall = await estimateRecall(shared, found, k, pickOptions(options, RUN_OPTIONS));
    attempts.push({ lists: facts.lists, probes: facts.probes, recall });
    diagnose(options, 'graph', { attempts: [...attempts] });
    if (recall >= AUTO_RECALL) {
      diagnose(options, 'graph', { ...facts, recall });
      options.onNotice?.(
        `approximate neighbours, estimated recall ${recall.toFixed(3)} (${probes} of ${lists} lists probed); --backend exact searches all rows`,
      );
      return found;
    }
    const missed = (1 - recall) / (1 - AUTO_RECALL);
    probes = Math.ceil(probes * Math.max(LEAST_STEP, missed ** PROBES_PER_MISSED));
  }
  diagnose(options, 'graph', { backend: 'exact' });
  return exactNeighbours(shared, k, options);
}

/** Groups of two rows or more. */
function groupsWithDuplicates(representative: Int32Array): number {
  return new Set(representative.filter((first, row) => first !== row)).size;
}

/** Expand lists over the distinct rows to lists over all rows. */
function* expand(
  lists: NeighbourLists,
  k: number,
  representative: Int32Array,
  distinct: Int32Array,
): Steps<NeighbourLists> {
  const rows = representative.length;
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  yield* inParts(distinct.length, (start, end) => {
    for (let d = start; d < end; d++) {
      const row = distinct[d];
      for (let e = 0; e < k; e++) {
        neighbours[row * k + e] = distinct[lists.neighbours[d * k + e]];
        distances[row * k + e] = lists.distances[d * k + e];
      }
    }
  });
  yield* inParts(rows, (start, end) => {
    for (let i = start; i < end; i++) {
      const first = representative[i];
      if (first === i || k === 0) continue;
      neighbours[i * k] = first;
      for (let e = 1; e < k; e++) {
        neighbours[i * k + e] = neighbours[first * k + e - 1];
        distances[i * k + e] = distances[first * k + e - 1];
      }
    }
  });
  return { neighbours, distances };
}
