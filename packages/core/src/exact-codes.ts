import { codeGraph } from './code-graph.js';
import { createKernel, Tensor } from './kernel.js';

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
  const session = await createKernel(codeGraph(COLS));
  const { products } = await session.run({
    base: new Tensor('uint8', new Uint8Array(COLS).fill(255), [1, COLS]),
    queries: new Tensor('int8', new Int8Array(COLS).fill(127), [COLS, 1]),
    zeroPoint: new Tensor('uint8', Uint8Array.of(0), [1]),
  });
  return (products.data as Int32Array)[0] === COLS * 255 * 127 ? 127 : 79;
}
