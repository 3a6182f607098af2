import { ElementType, type ModelSpec } from './model.js';

/**
 * The kernel of a multinomial logistic regression: of rows `x` (m × cols) with weights `w` (cols × classes) and classes
 * `y` (m × classes, 1 at the class of each row and 0 else) the `logits` x · w, their softmax `p`, both m × classes, and
 * `gradient`, the slope of the cross-entropy, summed over the rows and times `scale`, cols × classes.
 */
export function softmaxGradientModel(cols: number, classes: number, scale: number): ModelSpec {
  const matrix = (name: string, rows: number | string, columns: number): ModelSpec['inputs'][number] => ({
    name,
    type: ElementType.float32,
    shape: [rows, columns],
  });
  return {
    name: 'softmax-gradient',
    inputs: [matrix('x', 'm', cols), matrix('y', 'm', classes), matrix('w', cols, classes)],
    outputs: [matrix('logits', 'm', classes), matrix('p', 'm', classes), matrix('gradient', cols, classes)],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['logits'] },
      { op: 'Softmax', inputs: ['logits'], outputs: ['p'], attributes: { axis: 1 } },
      { op: 'Sub', inputs: ['p', 'y'], outputs: ['residual'] },
      {
        op: 'Gemm',
        inputs: ['x', 'residual'],
        outputs: ['gradient'],
        attributes: { transA: 1, alpha: { float: scale } },
      },
    ],
  };
}
