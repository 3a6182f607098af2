import {
  type Matrix,
  normaliseRows,
  openPool,
  type RunOptions,
  runBlocks,
  shareVectors,
  type Vectors,
} from '@coreset/core';
import type { AssignData, BlockSums } from './assign-worker.js';

/** Distance between a row and a prototype. For `cosine` both are scaled to length 1 and the distance is 1 − cos. */
export type Metric = 'euclidean' | 'cosine';

const BLOCK_ROWS = 4096;

/** Worker threads that assign the rows of one matrix to a set of prototypes, again and again. */
export interface Assigner {
  labels: Int32Array;
  /** Euclidean distance of each row (scaled to length 1 for cosine) to its prototype. */
  distances: Float64Array;
  /** P × cols; rewrite it and call {@link assign} again. */
  prototypes: Float32Array;
  assign(stage: string): Promise<void>;
  /** Assign, and sum the rows of each prototype. */
  assignAndSum(stage: string): Promise<BlockSums>;
  close(): Promise<void>;
}

export function openAssigner(vectors: Vectors, prototypes: Matrix, metric: Metric, options: RunOptions): Assigner {
  const { rows, cols } = vectors;
  const data: AssignData = {
    vectors: shareVectors(vectors),
    prototypes: new Float32Array(new SharedArrayBuffer(prototypes.data.byteLength)),
    count: prototypes.rows,
    labels: new Int32Array(new SharedArrayBuffer(rows * 4)),
    distances: new Float64Array(new SharedArrayBuffer(rows * 8)),
    normalise: metric === 'cosine',
  };
  data.prototypes.set(prototypes.data);
  if (metric === 'cosine') normaliseRows(data.prototypes, cols);
  const pool = openPool(new URL('./assign-worker.js', import.meta.url), data, options);
  return {
    labels: data.labels,
    distances: data.distances,
    prototypes: data.prototypes,
    assign: (stage) => runBlocks(pool, 'assignBlock', rows, BLOCK_ROWS, stage, options),
    async assignAndSum(stage) {
      const sums = new Float64Array(data.count * cols);
      const counts = new Int32Array(data.count);
      const waiting = new Map<number, BlockSums>();
      let next = 0;
      await runBlocks(pool, 'assignAndSumBlock', rows, BLOCK_ROWS, stage, options, (result, start) => {
        waiting.set(start, result as BlockSums);
        // Blocks are added in their order, whichever finished first: float addition is not associative.
        for (let block = waiting.get(next); block !== undefined; block = waiting.get(next)) {
          waiting.delete(next);
          next += BLOCK_ROWS;
          for (let i = 0; i < sums.length; i++) sums[i] += block.sums[i];
          for (let p = 0; p < counts.length; p++) counts[p] += block.counts[p];
        }
      });
      return { sums, counts };
    },
    close: () => pool.close(),
  };
}
