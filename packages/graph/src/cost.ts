import { type Cost, costOf, requireInteger, THREADS_START, threadsOf } from '@coreset/core';
import { type GraphBackend, resolveBackend } from './build-graph.js';
import { exactCandidates } from './exact/exact.js';
import { pairListBytes } from './exact/pair-lists.js';
import { defaultLists, defaultProbes } from './ivf/ivf.js';
import { defaultMaxCandidates } from './ivf/layout.js';

/** What the time of `buildGraph` depends on. */
export interface GraphWorkload {
  rows: number;
  cols: number;
  /** Neighbours per row. */
  k: number;
  /** Default: `auto`. */
  backend?: GraphBackend;
  threads?: number;
}

/** Where some rows repeat others, the distinct ones are searched as a copy: between none and all of the vectors. */
const COPIED = 0.5;
/** Per number of the vectors: rows with the same vector are found. */
const PER_COMPARED_NUMBER = 1e-9;
/** With this k pushing candidates takes as long as the products. */
const K_OF_DOUBLE_TIME = { exact: 64, ivf: 160 };
const PER_EXACT_DISTANCE_NUMBER = 5e-10;

/**
 * embeddings → graph. Exact: products of all pairs of rows. By inverted file: products of each row with those of the lists
 * that it probes, whose number grows with the root of the rows. `hnsw` runs on one thread.
 * @throws CoresetError when k is no whole number from 1 on, or there is no such back end
 */
export async function graphCost(workload: GraphWorkload): Promise<Cost> {
  const { rows, cols, k, backend = 'auto' } = workload;
  requireInteger('k', k, 1);
  const shared = costOf({
    serial: rows * cols * PER_COMPARED_NUMBER,
    memory: rows * (COPIED * cols * 4 + cols + 8 * k + 16),
    disk: rows * (8 * k + 4),
  });
  const search = { exact: exactCost, ivf: ivfCost, hnsw: hnswCost }[resolveBackend(backend, workload)];
  const own = await search(workload);
  return { ...own, serial: shared.serial + own.serial, memory: shared.memory + own.memory, disk: shared.disk };
}

/** Thread-seconds per rows² and column; each pair is multiplied once. */
const PER_PAIR_PRODUCT = 1 / 300e9;
/** A thread's lists have room for what is not sorted in yet, and are copied when they are complete. */
const PAIR_LIST_COPIES = 2.5;

async function exactCost({ rows, cols, k, threads }: GraphWorkload): Promise<Cost> {
  const rescored = k + 1.5 * k + 10;
  return costOf({
    codes: rows ** 2 * cols * PER_PAIR_PRODUCT * (1 + k / K_OF_DOUBLE_TIME.exact),
    parallel: rows * rescored * cols * PER_EXACT_DISTANCE_NUMBER,
    serial: THREADS_START,
    memory: PAIR_LIST_COPIES * pairListBytes(rows, await exactCandidates(k), threadsOf({ threads })),
  });
}

/** Thread-seconds per product of two rows of an inverted file, and per product and column. */
const PER_LIST_PAIR = { pair: 3.8e-10, col: 5.6e-12 };
/** Principal axes per column. */
const IVF_AXES = 0.63;
/** Products per row and list (training and assignment), and per row and row of the lists that it probes (long lists are probed more often). */
const IVF_PRODUCTS = { assigned: 1.3, searched: 2.4 };
/** Thread-seconds per row: of encoding, and of NN-descent per square of its candidates. */
const PER_IVF_ROW = { encoded: 5e-6, descent: 4.2e-8 };
const IVF_START = 0.2;
/** Candidates beyond k that are rescored. */
const IVF_SPARE_CANDIDATES = 10;
/** Bytes per row of the inverted file's tables: per candidate, per probe, per candidate of NN-descent. */
const IVF_BYTES = { candidate: 18, probe: 4, descent: 5, row: 40 };

async function ivfCost({ rows, cols, k }: GraphWorkload): Promise<Cost> {
  const lists = defaultLists(rows);
  const probes = defaultProbes(lists, k);
  const maxCandidates = defaultMaxCandidates(k);
  const products = IVF_PRODUCTS.assigned * lists + IVF_PRODUCTS.searched * Math.min(rows, probes * (rows / lists));
  const pairs = rows * products * (1 + k / K_OF_DOUBLE_TIME.ivf);
  const perRow = PER_IVF_ROW.encoded + PER_IVF_ROW.descent * maxCandidates ** 2;
  const distances = rows * (k + IVF_SPARE_CANDIDATES) * cols * PER_EXACT_DISTANCE_NUMBER;
  // The assignment is garbage before the candidates are made.
  const candidates = IVF_BYTES.candidate * (k + IVF_SPARE_CANDIDATES) + IVF_BYTES.descent * maxCandidates;
  const probed = IVF_BYTES.probe * probes;
  return costOf({
    codes: pairs * IVF_AXES * cols * PER_LIST_PAIR.col,
    parallel: pairs * PER_LIST_PAIR.pair + rows * perRow + distances,
    serial: IVF_START + 2 * THREADS_START,
    memory: rows * (probed + Math.max(probed, candidates) + IVF_BYTES.row),
  });
}

const PER_HNSW_NUMBER = 2e-6;

async function hnswCost({ rows, cols }: GraphWorkload): Promise<Cost> {
  return costOf({ serial: rows * cols * PER_HNSW_NUMBER, memory: rows * cols * 4 });
}

/** What the time of `nearestAmong` depends on. */
export interface NearestWorkload {
  rows: number;
  others: number;
  cols: number;
}

/** Thread-seconds per row, other and column: a product of codes. */
const PER_NEAREST_PRODUCT = 1 / 140e9;
/** Thread-seconds per number of the rows, which are scaled, encoded and rescored. */
const PER_NEAREST_NUMBER = 1e-8;
const NEAREST_BYTES = { row: 12, part: 100e6 };

/** Of each row the nearest among other vectors: products of all with all. */
export function nearestAmongCost({ rows, others, cols }: NearestWorkload): Cost {
  return costOf({
    codes: rows * others * cols * PER_NEAREST_PRODUCT,
    parallel: rows * cols * PER_NEAREST_NUMBER,
    serial: THREADS_START,
    memory: rows * NEAREST_BYTES.row + NEAREST_BYTES.part,
    disk: rows * NEAREST_BYTES.row,
  });
}
