import { workerData } from 'node:worker_threads';
import { openVectors, serveTasks, type Vectors } from '@coreset/core';
import { createNearestKernel, queriesOf, SPARE_CANDIDATES } from './nearest-kernel.js';
import { createTopList } from './top-list.js';

/** Shared with every worker. */
export interface FloatData {
  vectors: Vectors;
  /** Rows whose neighbours are searched. */
  queryRows: Int32Array;
  k: number;
  /** queries × k results, in shared memory. */
  neighbours: Int32Array;
  distances: Float32Array;
}

const BASE_ROWS = 8192;

const { vectors, queryRows, k, neighbours, distances } = workerData as FloatData;
const { rows, cols } = vectors;
const reader = openVectors(vectors);
const capacity = Math.min(rows, k + 1 + SPARE_CANDIDATES);
const kernel = createNearestKernel(cols, capacity);

/** Find the neighbours of a block of queries among all rows. */
async function nearestBlock({ start, end }: { start: number; end: number }): Promise<void> {
  const queries = queriesOf(reader.gather(queryRows.subarray(start, end)), cols);
  const top = createTopList(queries.count, capacity);
  for (let base = 0; base < rows; base += BASE_ROWS) {
    const baseEnd = Math.min(rows, base + BASE_ROWS);
    await (await kernel).scan(top, queries, reader.read(base, baseEnd), baseEnd - base, (index) => base + index);
  }
  for (let q = 0; q < queries.count; q++) {
    top.take(q, queryRows[start + q], k, neighbours, distances, (start + q) * k);
  }
}

serveTasks({ nearestBlock });
