import { compileModel, tensor } from '../onnx/session.js';
import { codeProductModel } from './code-product-model.js';

const COLS = 64;

let largest: Promise<number> | undefined;

/**
 * The greatest code whose products are exact on this machine: 127 where the processor adds bytes in 32 bits (VNNI),
 * 79 where it adds pairs of products in 16 bits: (ZERO_POINT + 79) · 79 · 2 = 32,706.
 */
export function exactQmax(): Promise<number> {
  largest ??= findLargest();
  return largest;
}

async function findLargest(): Promise<number> {
  const session = await compileModel(codeProductModel(COLS));
  const { products } = await session.run({
    base: tensor('uint8', new Uint8Array(COLS).fill(255), [1, COLS]),
    queries: tensor('int8', new Int8Array(COLS).fill(127), [COLS, 1]),
    zeroPoint: tensor('uint8', Uint8Array.of(0), [1]),
  });
  return (products.data as Int32Array)[0] === COLS * 255 * 127 ? 127 : 79;
}
