import { greatestMagnitude, scaledBy, scaleFor, squaredDistance } from '@coreset/core';
import {
  compileModel,
  floatTensor,
  type InferenceSession,
  int64Scalar,
  nearestModel,
  negativeSquaredNorms,
  type Tensor,
} from '@coreset/kernels';
import type { TopList } from './top-list.js';

/** Candidates beyond k + 1 (the row itself), so that float32 rounding in the product cannot push out a true neighbour. */
export const OVERSAMPLING = 6;

/** Finds, for a block of queries, the nearest rows among a block of base rows. */
export interface FloatSearch {
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
  greatest: number;
}

export function queriesOf(data: Float32Array, cols: number): Queries {
  const count = data.length / cols;
  return { data, count, tensor: floatTensor(data, [count, cols]), greatest: greatestMagnitude(data) };
}

/**
 * The search kernel with exact distances: that of what enters a list is taken while the row is at hand.
 *
 * @param capacity candidates per query
 */
export async function createFloatSearch(cols: number, capacity: number): Promise<FloatSearch> {
  const session: InferenceSession = await compileModel(nearestModel(cols));
  return {
    async scan(top, queries, base, baseRows, rowOf) {
      const candidates = Math.min(capacity, baseRows);
      const scale = scaleFor(Math.max(queries.greatest, greatestMagnitude(base)));
      const scaled = scaledBy(base, scale);
      const { score, index } = await session.run({
        queries: scale === 1 ? queries.tensor : floatTensor(scaledBy(queries.data, scale), [queries.count, cols]),
        base: floatTensor(scaled, [baseRows, cols]),
        bias: floatTensor(negativeSquaredNorms(scaled, cols), [1, baseRows]),
        count: int64Scalar(candidates),
      });
      // A base of another magnitude may have had another scale.
      const unit = 1 / scale ** 2;
      const scores = score.data as Float32Array;
      const indices = index.data as Int32Array;
      for (let q = 0; q < queries.count; q++) {
        for (let c = q * candidates; c < (q + 1) * candidates; c++) {
          if (unit * scores[c] <= top.worst(q)) break;
          top.insert(q, rowOf(indices[c]), unit * scores[c], squaredDistance(queries.data, q, base, indices[c], cols));
        }
      }
    },
  };
}
