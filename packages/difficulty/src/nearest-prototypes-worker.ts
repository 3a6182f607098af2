import {
  createKernel,
  floatTensor,
  int64Scalar,
  type Matrix,
  nearestGraph,
  negativeSquaredNorms,
  openVectors,
  type Tasks,
  type Vectors,
} from '@coreset/core';

/** Shared with every worker. */
export interface NearestData {
  vectors: Vectors;
  prototypes: Matrix;
  count: number;
  /** rows × count, in shared memory. */
  nearest: Int32Array;
}

export function serve({ vectors, prototypes, count, nearest }: NearestData): Tasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const kernel = createKernel(nearestGraph(cols));
  const fixed = {
    base: floatTensor(prototypes.data.slice(), [prototypes.rows, cols]),
    bias: floatTensor(negativeSquaredNorms(prototypes.data, cols), [1, prototypes.rows]),
    count: int64Scalar(count),
  };

  async function nearestBlock({ start, end }: { start: number; end: number }): Promise<void> {
    const queries = floatTensor(reader.read(start, end), [end - start, cols]);
    const { index } = await (await kernel).run({ ...fixed, queries });
    nearest.set(index.data as Int32Array, start * count);
  }

  return { nearestBlock, close: reader.close };
}
