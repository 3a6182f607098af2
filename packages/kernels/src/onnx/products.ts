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

/** The Gram matrix of columns: `rows`ᵀ (cols × n) · `rows` = `products`, cols × cols. */
export function gramModel(cols: number): ModelSpec {
  return {
    name: 'gram',
    inputs: [{ name: 'rows', type: ElementType.float32, shape: ['n', cols] }],
    outputs: [{ name: 'products', type: ElementType.float32, shape: [cols, cols] }],
    nodes: [{ op: 'Gemm', inputs: ['rows', 'rows'], outputs: ['products'], attributes: { transA: 1 } }],
  };
}

/** `rows` (m × cols) · `symmetric` (cols × cols) = `products`, m × cols. The symmetric side is not copied at each run. */
export function symmetricProductModel(cols: number): ModelSpec {
  return {
    name: 'symmetric-products',
    inputs: [
      { name: 'symmetric', type: ElementType.float32, shape: [cols, cols] },
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
    ],
    outputs: [{ name: 'products', type: ElementType.float32, shape: ['m', cols] }],
    nodes: [
      { op: 'Gemm', inputs: ['symmetric', 'rows'], outputs: ['transposed'], attributes: { transB: 1 } },
      { op: 'Transpose', inputs: ['transposed'], outputs: ['products'], attributes: { perm: [1, 0] } },
    ],
  };
}

/** `rows` (m × cols) less their parts along orthonormal `axes` (n × cols) = `rest`, m × cols. */
export function residualModel(cols: number): ModelSpec {
  return {
    name: 'residual',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
      { name: 'axes', type: ElementType.float32, shape: ['n', cols] },
    ],
    outputs: [{ name: 'rest', type: ElementType.float32, shape: ['m', cols] }],
    nodes: [
      { op: 'Gemm', inputs: ['rows', 'axes'], outputs: ['along'], attributes: { transB: 1 } },
      { op: 'Gemm', inputs: ['along', 'axes', 'rows'], outputs: ['rest'], attributes: { alpha: { float: -1 } } },
    ],
  };
}
