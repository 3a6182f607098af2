import {
  blockSteps,
  CoresetError,
  inTurns,
  type Matrix,
  requireInteger,
  requireKnownOptions,
  requireLabels,
  requireNumber,
  type Steps,
  stoppedByCell,
} from '@coreset/core';
import { type Centring, centre, centringSteps, numbersOfClasses } from '@coreset/difficulty';
import { compileModel, ElementType, floatTensor, softmaxGradientModel } from '@coreset/kernels';

/** Options of {@link linearProbe}. */
export interface LinearProbeOptions {
  /** Gradient steps at most. Default: 300. */
  iterations?: number;
  /** Strength of the ridge penalty, as in scikit-learn's C = 1/penalty summed over the rows. Default: 0.1. */
  penalty?: number;
  signal?: AbortSignal;
}

/** Every option of {@link LinearProbeOptions}. */
export const LINEAR_PROBE_OPTIONS: Readonly<Record<keyof LinearProbeOptions, true>> = {
  iterations: true,
  penalty: true,
  signal: true,
};

/** Rows × classes are two arrays of numbers. */
const MOST_SCORES = 2 ** 29;
const ROWS_AT_ONCE = 1024;

/** Stop when the largest entry of the gradient is below this. */
const GRADIENT_TOLERANCE = 1e-5;

/**
 * Accuracy on held-out rows of a multinomial logistic regression trained on kept rows. It starts at zero and
 * takes accelerated gradient steps (Nesterov, with restarts), so it has no random part; repeat it with
 * several splits for a spread. Rows are centred and scaled so that their mean squared length is 1.
 *
 * @param labels class of each row, whole numbers from 0 to 2^31 − 1
 * @returns the share of test rows classified rightly, in [0, 1]
 * @throws CoresetError when widths or lengths do not match, or there are so many classes that rows × classes is above 2^29
 */
export async function linearProbe(
  train: Matrix,
  trainLabels: ArrayLike<number>,
  test: Matrix,
  testLabels: ArrayLike<number>,
  given: LinearProbeOptions = {},
): Promise<number> {
  requireKnownOptions('linearProbe', given, LINEAR_PROBE_OPTIONS);
  const options = stoppedByCell(given);
  const { iterations = 300, penalty = 0.1, signal } = options;
  requireInteger('iterations', iterations, 1);
  requireNumber('penalty', penalty, 0);
  if (train.rows !== trainLabels.length || test.rows !== testLabels.length)
    throw new CoresetError('one label per row is needed');
  if (train.cols !== test.cols) throw new CoresetError(`train rows have ${train.cols} columns, test rows ${test.cols}`);
  requireLabels(trainLabels, train.rows);
  requireLabels(testLabels, test.rows);
  const numberOf = numbersOfClasses(trainLabels, testLabels);
  const classes = numberOf.size;
  if (classes * Math.max(train.rows, test.rows) > MOST_SCORES)
    throw new CoresetError(
      `the linear probe needs rows × classes numbers, and ${train.rows} rows have ${classes} classes; give labels of fewer classes`,
    );
  const cols = train.cols + 1; // a constant column takes the place of the bias
  const centring = await inTurns(centringSteps(train), signal);
  const x = await inTurns(prepared(train, centring), signal);
  const { rows } = train;
  const classOf = Int32Array.from(trainLabels, (label) => numberOf.get(label) ?? 0);
  const weights = await fit(x, classOf, rows, cols, classes, iterations, penalty, signal);
  const xTest = await inTurns(prepared(test, centring), signal);
  const scores = await logits(xTest, weights, test.rows, cols, classes);
  let right = 0;
  for (let i = 0; i < test.rows; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[i * classes + c] > scores[i * classes + best]) best = c;
    if (best === numberOf.get(testLabels[i])) right++;
  }
  return right / test.rows;
}

function* prepared(matrix: Matrix, centring: Centring): Steps<Float32Array> {
  const cols = matrix.cols + 1;
  const result = new Float32Array(matrix.rows * cols);
  yield* blockSteps(matrix, ROWS_AT_ONCE, (block, start, end) => {
    centre(block, centring, result.subarray(start * cols, end * cols));
  });
  return result;
}

async function fit(
  x: Float32Array,
  labels: ArrayLike<number>,
  rows: number,
  cols: number,
  classes: number,
  iterations: number,
  penalty: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const kernel = await compileModel(softmaxGradientModel(cols, classes, 1 / rows));
  const y = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) y[i * classes + labels[i]] = 1;
  const xTensor = floatTensor(x, [rows, cols]);
  const yTensor = floatTensor(y, [rows, classes]);
  const ridge = penalty / rows;
  // Mean squared row length is 2 (1 and the constant), and softmax's curvature is at most 1/2.
  const step = 1 / (1 + ridge);
  const size = cols * classes;
  const weights = new Float32Array(size);
  const ahead = new Float32Array(size);
  let momentum = 1;
  for (let iteration = 0; iteration < iterations; iteration++) {
    signal?.throwIfAborted();
    const w = floatTensor(ahead.slice(), [cols, classes]);
    const { gradient } = await kernel.run({ x: xTensor, y: yTensor, w }, ['gradient']);
    const slope = gradient.data as Float32Array;
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const push = (momentum - 1) / next;
    let steepest = 0;
    let uphill = 0;
    for (let i = 0; i < size; i++) {
      const g = slope[i] + (i < size - classes ? ridge * ahead[i] : 0);
      const moved = ahead[i] - step * g;
      const change = moved - weights[i];
      uphill += g * change;
      weights[i] = moved;
      ahead[i] = moved + push * change;
      steepest = Math.max(steepest, Math.abs(g));
    }
    if (steepest < GRADIENT_TOLERANCE) break;
    if (uphill > 0) {
      momentum = 1;
      ahead.set(weights);
    } else momentum = next;
  }
  await kernel.release();
  return weights;
}

async function logits(
  x: Float32Array,
  weights: Float32Array,
  rows: number,
  cols: number,
  classes: number,
): Promise<Float32Array> {
  const kernel = await compileModel({
    name: 'logits',
    inputs: [
      { name: 'x', type: ElementType.float32, shape: [rows, cols] },
      { name: 'w', type: ElementType.float32, shape: [cols, classes] },
    ],
    outputs: [{ name: 'scores', type: ElementType.float32, shape: [rows, classes] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['scores'] }],
  });
  const { scores } = await kernel.run({ x: floatTensor(x, [rows, cols]), w: floatTensor(weights, [cols, classes]) });
  await kernel.release();
  return scores.data as Float32Array;
}
