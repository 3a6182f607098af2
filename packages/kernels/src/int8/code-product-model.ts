import { ElementType, type ModelSpec } from '../onnx/model.js';

/**
 * Products of one-byte codes: base · queries, each base row less its zero point.
 *
 * Inputs `base` (n × cols, unsigned), `queries` (cols × m, signed) and `zeroPoint`; output `products`, n × m. onnxruntime
 * takes the left side of a product as it lies, and the queries are the smaller to turn.
 */
export function codeProductModel(cols: number): ModelSpec {
  return {
    name: 'code-products',
    inputs: [
      { name: 'base', type: ElementType.uint8, shape: ['n', cols] },
      { name: 'queries', type: ElementType.int8, shape: [cols, 'm'] },
      { name: 'zeroPoint', type: ElementType.uint8, shape: [1] },
    ],
    outputs: [{ name: 'products', type: ElementType.int32, shape: ['n', 'm'] }],
    nodes: [{ op: 'MatMulInteger', inputs: ['base', 'queries', 'zeroPoint'], outputs: ['products'] }],
  };
}
