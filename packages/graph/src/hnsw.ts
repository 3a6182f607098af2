import {
  CoresetError,
  messageOf,
  openVectors,
  type RunOptions,
  seedOf32Bits,
  squaredDistance,
  type Vectors,
} from '@coreset/core';
import type { NeighbourLists } from './exact.js';
import { NearestList } from './nearest-list.js';

/** Parameters of the HNSW index (Malkov & Yashunin 2016). */
export interface HnswOptions {
  /** Links per node. Default: 16. */
  m?: number;
  /** Candidate list while building. Default: 200. */
  efConstruction?: number;
  /** Candidate list while searching. Default: max(64, 2k). */
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

/** Approximate neighbours by hnswlib-node. It runs on one thread; the same seed and order of rows give the same graph. */
export async function hnswNeighbours(
  vectors: Vectors,
  k: number,
  options: RunOptions & HnswOptions,
): Promise<NeighbourLists> {
  const { HierarchicalNSW } = await loadHnswlib();
  const { rows, cols } = vectors;
  const reader = openVectors(vectors);
  const data = reader.read(0, rows);
  reader.close();
  const index = new HierarchicalNSW('l2', cols);
  index.initIndex({
    maxElements: rows,
    m: options.m ?? 16,
    efConstruction: options.efConstruction ?? 200,
    randomSeed: seedOf32Bits(options.seed ?? 100),
  });
  const report = async (done: number): Promise<void> => {
    if (done % ROWS_BETWEEN_REPORTS !== 0 && done !== 2 * rows) return;
    options.onProgress?.({ stage: 'graph', done: Math.floor(done / 2), total: rows });
    await new Promise(setImmediate); // lets an abort or a signal through
    options.signal?.throwIfAborted();
  };
  for (let i = 0; i < rows; i++) {
    index.addPoint(Array.from(data.subarray(i * cols, (i + 1) * cols)), i);
    await report(i + 1);
  }
  index.setEf(options.efSearch ?? Math.max(64, 2 * k));
  const neighbours = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  const nearest = new NearestList(k);
  for (let i = 0; i < rows; i++) {
    const found = index.searchKnn(Array.from(data.subarray(i * cols, (i + 1) * cols)), Math.min(rows, k + 1)).neighbors;
    const others = found.filter((row) => row !== i);
    if (others.length < k) {
      throw new CoresetError(
        `the hnsw index found only ${others.length} of ${k} neighbours of row ${i}; raise efSearch or use the exact backend`,
      );
    }
    nearest.clear();
    for (const row of others) nearest.offer(row, squaredDistance(data, i, data, row, cols));
    nearest.write(i, k, neighbours, distances, i * k);
    await report(rows + i + 1);
  }
  return { neighbours, distances };
}
