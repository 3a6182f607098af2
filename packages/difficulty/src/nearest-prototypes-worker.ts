import { workerData } from 'node:worker_threads';
import {
  createKernel,
  ElementType,
  floatTensor,
  int64Scalar,
  type Matrix,
  openVectors,
  serveTasks,
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

const { vectors, prototypes, count, nearest } = workerData as NearestData;
const { cols } = vectors;
const reader = openVectors(vectors);
const bias = new Float32Array(prototypes.rows);
for (let i = 0; i < prototypes.data.length; i++) bias[Math.floor(i / cols)] -= prototypes.data[i] ** 2;

/** The prototypes of greatest 2 x·c − |c|². */
const kernel = createKernel({
  name: 'nearest-prototypes',
  inputs: [
    { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
    { name: 'prototypes', type: ElementType.float32, shape: [prototypes.rows, cols] },
    { name: 'bias', type: ElementType.float32, shape: [1, prototypes.rows] },
    { name: 'count', type: ElementType.int64, shape: [1] },
  ],
  outputs: [{ name: 'index', type: ElementType.int32, shape: ['m', count] }],
  nodes: [
    {
      op: 'Gemm',
      inputs: ['rows', 'prototypes', 'bias'],
      outputs: ['score'],
      attributes: { alpha: { float: 2 }, transB: 1 },
    },
    {
      op: 'TopK',
      inputs: ['score', 'count'],
      outputs: ['value', 'index64'],
      attributes: { axis: 1, largest: 1, sorted: 1 },
    },
    { op: 'Cast', inputs: ['index64'], outputs: ['index'], attributes: { to: ElementType.int32 } },
  ],
});
const fixed = {
  prototypes: floatTensor(prototypes.data.slice(), [prototypes.rows, cols]),
  bias: floatTensor(bias, [1, prototypes.rows]),
  count: int64Scalar(count),
};

async function nearestBlock({ start, end }: { start: number; end: number }): Promise<void> {
  const rows = floatTensor(reader.read(start, end), [end - start, cols]);
  const { index } = await (await kernel).run({ ...fixed, rows });
  nearest.set(index.data as Int32Array, start * count);
}

serveTasks({ nearestBlock });
