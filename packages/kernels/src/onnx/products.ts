import { ElementType, type ModelSpec } from './model.js';

/**
 * The kernel of inner products: `left` (m × cols) · `right` (n × cols)ᵀ = `products`, m × n. The right side is copied
 * at each run, so it is best the smaller.
 */
export function productModel(cols: number): ModelSpec {
  return {
    name: 'products',
    inputs: [
      { name: 'left', type: ElementType.float32, shape: ['m', cols] },
      { name: 'right', type: ElementType.float32, shape: ['n', cols] },
    ],
    outputs: [{ name: 'products', type: ElementType.float32, shape: ['m', 'n'] }],
    nodes: [{ op: 'Gemm', inputs: ['left', 'right'], outputs: ['products'], attributes: { transB: 1 } }],
  };
}
