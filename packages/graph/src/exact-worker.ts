import { workerData } from 'node:worker_threads';
import {
  createKernel,
  ElementType,
  floatTensor,
  type InferenceSession,
  int64Scalar,
  openVectors,
  serveTasks,
  squaredDistance,
  type Vectors,
} from '@coreset/core';
import { createTopList } from './top-list.js';

/** Shared with every worker. */
export interface ExactData {
  vectors: Vectors;
  k: number;
  /** rows × k results, in shared memory. */
  neighbours: Int32Array;
  distances: Float32Array;
}

const BASE_ROWS = 8192;
/** Candidates beyond k + 1 (the row itself), so that float32 rounding in the product cannot push out a true neighbour. */
const SPARE_CANDIDATES = 6;

const { vectors, k, neighbours, distances } = workerData as ExactData;
const { rows, cols } = vectors;
const reader = openVectors(vectors);

/** The rows with the greatest 2 q·b − |b|², which are those with the least |q − b|². */
const kernel: Promise<InferenceSession> = createKernel({
  name: 'nearest',
  inputs: [
    { name: 'queries', type: ElementType.float32, shape: ['m', cols] },
    { name: 'base', type: ElementType.float32, shape: ['n', cols] },
    { name: 'bias', type: ElementType.float32, shape: [1, 'n'] },
    { name: 'count', type: ElementType.int64, shape: [1] },
  ],
  outputs: [
    { name: 'score', type: ElementType.float32, shape: ['m', 'c'] },
    { name: 'index', type: ElementType.int32, shape: ['m', 'c'] },
  ],
  nodes: [
    {
      op: 'Gemm',
      inputs: ['queries', 'base', 'bias'],
      outputs: ['product'],
      attributes: { alpha: { float: 2 }, transB: 1 },
    },
    {
      op: 'TopK',
      inputs: ['product', 'count'],
      outputs: ['score', 'index64'],
      attributes: { axis: 1, largest: 1, sorted: 1 },
    },
    { op: 'Cast', inputs: ['index64'], outputs: ['index'], attributes: { to: ElementType.int32 } },
  ],
});

function negativeSquaredNorms(block: Float32Array, count: number): Float32Array {
  const bias = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let c = i * cols; c < (i + 1) * cols; c++) sum += block[c] * block[c];
    bias[i] = -sum;
  }
  return bias;
}

/** Find the neighbours of a block of rows among all rows. */
async function nearestBlock({ start, end }: { start: number; end: number }): Promise<void> {
  const count = end - start;
  const queries = reader.read(start, end);
  const queryTensor = floatTensor(queries, [count, cols]);
  const wanted = Math.min(rows, k + 1 + SPARE_CANDIDATES);
  const top = createTopList(count, wanted);
  for (let base = 0; base < rows; base += BASE_ROWS) {
    const baseEnd = Math.min(rows, base + BASE_ROWS);
    const block = reader.read(base, baseEnd);
    const candidates = Math.min(wanted, baseEnd - base);
    const { score, index } = await (await kernel).run({
      queries: queryTensor,
      base: floatTensor(block, [baseEnd - base, cols]),
      bias: floatTensor(negativeSquaredNorms(block, baseEnd - base), [1, baseEnd - base]),
      count: int64Scalar(candidates),
    });
    const scores = score.data as Float32Array;
    const indices = index.data as Int32Array;
    for (let q = 0; q < count; q++) {
      for (let c = q * candidates; c < (q + 1) * candidates; c++) {
        if (scores[c] <= top.worst(q)) break;
        // The exact distance is taken while the row is at hand; only its rank waits for the other blocks.
        top.insert(q, base + indices[c], scores[c], squaredDistance(queries, q, block, indices[c], cols));
      }
    }
  }
  for (let q = 0; q < count; q++) top.take(q, start + q, k, neighbours, distances);
}

serveTasks({ nearestBlock });
