import { ElementType, type ModelSpec } from './model.js';

/**
 * The model of the float32 search: for each query the rows with the greatest 2 q·b − |b|², which are those
 * with the least |q − b|², nearest first, ties to the lowest index.
 *
 * Inputs `queries` (m × cols), `base` (n × cols), `bias` (1 × n, see {@link negativeSquaredNorms}) and `count`;
 * outputs `score` and `index`, m × count.
 */
export function nearestModel(cols: number): ModelSpec {
  return {
    name: 'nearest',
    inputs: [
      { name: 'queries', type: ElementType.float32, shape: ['m', cols] },
      { name: 'base', type: ElementType.float32, shape: ['n', cols] },
      { name: 'bias', type: ElementType.float32, shape: [1, 'n'] },
      { name: 'count', type: ElementType.int64, shape: [1] },
    ],
    outputs: [
      { name: 'score', type: ElementType.float32, shape: ['m', 'c'] },
      { name: 'index', type: ElementType.int32, shape: ['m', 'c'] },
    ],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['queries', 'base', 'bias'],
        outputs: ['product'],
        attributes: { alpha: { float: 2 }, transB: 1 },
      },
      {
        op: 'TopK',
        inputs: ['product', 'count'],
        outputs: ['score', 'index64'],
        attributes: { axis: 1, largest: 1, sorted: 1 },
      },
      { op: 'Cast', inputs: ['index64'], outputs: ['index'], attributes: { to: ElementType.int32 } },
    ],
  };
}

/** −|b|² of each row. */
export function negativeSquaredNorms(data: Float32Array, cols: number): Float32Array {
  const result = new Float32Array(data.length / cols);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let c = i * cols; c < (i + 1) * cols; c++) sum += data[c] * data[c];
    result[i] = -sum;
  }
  return result;
}
