import { seededRandom } from '@coreset/core';
import {
  codeProductModel,
  compileModel,
  ElementType,
  exactQmax,
  floatTensor,
  int64Scalar,
  tensor,
} from '@coreset/kernels';
import { expect, test } from 'vitest';

test('a graph made in memory runs on onnxruntime', async () => {
  const kernel = await compileModel({
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

test('products of codes up to the largest exact one are exact on this processor', async () => {
  const code = await exactQmax();
  const [m, n, cols] = [40, 40, 100];
  const random = seededRandom(1);
  // Rows of nothing but the outermost codes, of one sign in the first rows: no sum of theirs is exceeded.
  const codes = (rows: number, zeroPoint: number): number[] =>
    Array.from({ length: rows * cols }, (_, i) => zeroPoint + (i < 2 * cols ? 1 : 2 * random.below(2) - 1) * code);
  const a = codes(m, 128);
  const b = codes(n, 0);
  const kernel = await compileModel(codeProductModel(cols));
  const turned = Int8Array.from({ length: n * cols }, (_, i) => b[(i % n) * cols + Math.floor(i / n)]);
  const { products } = await kernel.run({
    base: tensor('uint8', Uint8Array.from(a), [m, cols]),
    queries: tensor('int8', turned, [cols, n]),
    zeroPoint: tensor('uint8', Uint8Array.of(128), [1]),
  });
  const expected = Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += (a[i * cols + c] - 128) * b[j * cols + c];
    return sum;
  });
  expect(Array.from(products.data as Int32Array)).toEqual(expected);
});
