import {
  CoresetError,
  diagnose,
  greatestMagnitude,
  inParts,
  inTurns,
  loadSteps,
  messageOf,
  type RunOptions,
  requireInteger,
  scaledBy,
  scaleFor,
  seedOf32Bits,
  squaredDistance,
  type Vectors,
} from '@coreset/core';
import type { NeighbourLists } from './exact/exact.js';
import { NearestList } from './nearest-list.js';

/** Parameters of the HNSW index (Malkov & Yashunin 2016). */
export interface HnswOptions {
  /** Links per node, 2 to 1,000. Default: 16. */
  m?: number;
  /** Candidate list while building, 1 to 1,000,000. Default: 200. */
  efConstruction?: number;
  /** Candidate list while searching, 1 to 1,000,000. Default: max(64, 2k). */
  efSearch?: number;
  seed?: number;
}

/** Every option of {@link HnswOptions}. */
export const HNSW_OPTIONS: Readonly<Record<keyof HnswOptions, true>> = {
  m: true,
  efConstruction: true,
  efSearch: true,
  seed: true,
};

async function loadHnswlib(): Promise<typeof import('hnswlib-node')> {
  try {
    const module = await import('hnswlib-node');
    return module.default ?? module;
  } catch (error) {
    throw new CoresetError(
      `the hnsw backend needs the optional package hnswlib-node, which is not installed or was not built (${messageOf(error).split('\n')[0]}); install a C++ compiler and reinstall, or use the exact backend`,
      { cause: error },
    );
  }
}

const ROWS_BETWEEN_REPORTS = 500;
const MOST_LINKS = 1000;
const MOST_CANDIDATES = 1_000_000;

/** Approximate neighbours by hnswlib-node. It runs on one thread; the same seed and order of rows give the same graph. */
export async function hnswNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & HnswOptions,
): Promise<NeighbourLists> {
  const { m = 16, efConstruction = 200, efSearch = Math.max(64, 2 * k), seed = 100, onProgress } = options;
  requireInteger('m', m, 2, MOST_LINKS);
  requireInteger('efConstruction', efConstruction, 1, MOST_CANDIDATES);
  requireInteger('efSearch', efSearch, 1, MOST_CANDIDATES);
  diagnose(options, 'graph', { m, efConstruction, efSearch, seed });
  const { HierarchicalNSW } = await loadHnswlib();
  const { data, rows, cols } = await inTurns(loadSteps(vectors), options.signal);
  const scaled = scaledBy(data, scaleFor(greatestMagnitude(data)));
  const index = new HierarchicalNSW('l2', cols);
  index.initIndex({ maxElements: rows, m, efConstruction, randomSeed: seedOf32Bits(seed) });
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  const nearest = new NearestList(k);

  function addRow(i: number): void {
    index.addPoint(Array.from(scaled.subarray(i * cols, (i + 1) * cols)), i);
  }

  function searchRow(i: number): void {
    const found = index.searchKnn(
      Array.from(scaled.subarray(i * cols, (i + 1) * cols)),
      Math.min(rows, k + 1),
    ).neighbors;
    const others = found.filter((row) => row !== i);
    if (others.length < k) {
      throw new CoresetError(
        `the hnsw index found only ${others.length} of ${k} neighbours of row ${i}; raise efSearch or use the exact backend`,
      );
    }
    nearest.clear();
    for (const row of others) nearest.push(row, squaredDistance(data, i, data, row, cols));
    nearest.write(i, k, neighbours, distances, i * k);
  }

  /** Each row may take milliseconds. */
  async function onRows(work: (row: number) => void, done: number): Promise<void> {
    const report = (row: number): void => {
      work(row);
      if ((row + 1) % ROWS_BETWEEN_REPORTS === 0 || row + 1 === rows)
        onProgress?.({ stage: 'graph', done: Math.floor((done + row + 1) / 2), total: rows });
    };
    await inTurns(inParts(rows, report, 1), options.signal);
  }

  await onRows(addRow, 0);
  index.setEf(efSearch);
  await onRows(searchRow, rows);
  return { neighbours, distances };
}
