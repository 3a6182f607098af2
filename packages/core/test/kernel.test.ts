import { createKernel, ElementType, floatTensor, int64Scalar } from '@coreset/core';
import { expect, test } from 'vitest';

test('a graph made in memory runs on onnxruntime', async () => {
  const kernel = await createKernel({
    name: 'nearest',
    inputs: [
      { name: 'q', type: ElementType.float32, shape: ['m', 2] },
      { name: 'b', type: ElementType.float32, shape: ['n', 2] },
      { name: 'k', type: ElementType.int64, shape: [1] },
    ],
    outputs: [
      { name: 'score', type: ElementType.float32, shape: ['m', 'k'] },
      { name: 'index', type: ElementType.int32, shape: ['m', 'k'] },
    ],
    nodes: [
      { op: 'Gemm', inputs: ['q', 'b'], outputs: ['s'], attributes: { alpha: { float: 2 }, transB: 1 } },
      { op: 'TopK', inputs: ['s', 'k'], outputs: ['score', 'i'], attributes: { axis: -1, largest: 1, sorted: 1 } },
      { op: 'Cast', inputs: ['i'], outputs: ['index'], attributes: { to: ElementType.int32 } },
    ],
  });
  const { score, index } = await kernel.run({
    q: floatTensor(new Float32Array([1, 0, 0, 1]), [2, 2]),
    b: floatTensor(new Float32Array([1, 5, 2, 2, 2, 9]), [3, 2]),
    k: int64Scalar(2),
  });
  expect(Array.from(index.data as Int32Array)).toEqual([1, 2, 2, 0]); // equal scores: the lowest index first
  expect(Array.from(score.data as Float32Array)).toEqual([4, 4, 18, 10]);
});
