import { createKernel, Tensor } from './kernel.js';
import { ElementType } from './onnx-graph.js';

const COLS = 64;

let largest: Promise<number> | undefined;

/**
 * The greatest code whose products are exact on this machine: 127 where the processor adds bytes in 32 bits (VNNI),
 * 79 where it adds pairs of products in 16 bits: (ZERO_POINT + 79) · 79 · 2 = 32,706.
 */
export function largestExactCode(): Promise<number> {
  largest ??= findLargest();
  return largest;
}

async function findLargest(): Promise<number> {
  const session = await createKernel({
    name: 'largest-product',
    inputs: [
      { name: 'a', type: ElementType.uint8, shape: [1, COLS] },
      { name: 'b', type: ElementType.int8, shape: [COLS, 1] },
    ],
    outputs: [{ name: 'product', type: ElementType.int32, shape: [1, 1] }],
    nodes: [{ op: 'MatMulInteger', inputs: ['a', 'b'], outputs: ['product'] }],
  });
  const { product } = await session.run({
    a: new Tensor('uint8', new Uint8Array(COLS).fill(255), [1, COLS]),
    b: new Tensor('int8', new Int8Array(COLS).fill(127), [COLS, 1]),
  });
  return (product.data as Int32Array)[0] === COLS * 255 * 127 ? 127 : 79;
}
