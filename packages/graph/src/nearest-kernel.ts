import {
  createKernel,
  ElementType,
  floatTensor,
  type InferenceSession,
  int64Scalar,
  squaredDistance,
  type Tensor,
} from '@coreset/core';
import type { TopList } from './top-list.js';

/** Candidates beyond k + 1 (the row itself), so that float32 rounding in the product cannot push out a true neighbour. */
export const SPARE_CANDIDATES = 6;

/** Finds, for a block of queries, the nearest rows among a block of base rows. */
export interface NearestKernel {
  /**
   * Offer the nearest base rows to the queries' lists.
   * @param rowOf the row number of each base row
   */
  scan(
    top: TopList,
    queries: Queries,
    base: Float32Array,
    baseRows: number,
    rowOf: (index: number) => number,
  ): Promise<void>;
}

/** A block of queries, ready for the kernel. */
export interface Queries {
  data: Float32Array;
  tensor: Tensor;
  count: number;
}

export function queriesOf(data: Float32Array, cols: number): Queries {
  const count = data.length / cols;
  return { data, count, tensor: floatTensor(data, [count, cols]) };
}

function negativeSquaredNorms(block: Float32Array, count: number, cols: number): Float32Array {
  const bias = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let c = i * cols; c < (i + 1) * cols; c++) sum += block[c] * block[c];
    bias[i] = -sum;
  }
  return bias;
}

/**
 * One graph of matrix product and TopK: the rows with the greatest 2 q·b − |b|² are those with the least
 * |q − b|². The exact distance of what enters a list is taken while the row is at hand.
 *
 * @param capacity candidates per query
 */
export async function createNearestKernel(cols: number, capacity: number): Promise<NearestKernel> {
  const session: InferenceSession = await createKernel({
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
  return {
    async scan(top, queries, base, baseRows, rowOf) {
      const candidates = Math.min(capacity, baseRows);
      const { score, index } = await session.run({
        queries: queries.tensor,
        base: floatTensor(base, [baseRows, cols]),
        bias: floatTensor(negativeSquaredNorms(base, baseRows, cols), [1, baseRows]),
        count: int64Scalar(candidates),
      });
      const scores = score.data as Float32Array;
      const indices = index.data as Int32Array;
      for (let q = 0; q < queries.count; q++) {
        for (let c = q * candidates; c < (q + 1) * candidates; c++) {
          if (scores[c] <= top.worst(q)) break;
          top.insert(q, rowOf(indices[c]), scores[c], squaredDistance(queries.data, q, base, indices[c], cols));
        }
      }
    },
  };
}
