import { openVectors, rowBuffer, type Vectors } from '@coreset/core';
import { compileModel, floatTensor, softmaxGradientModel, type Tensor } from '@coreset/kernels';
import { type Centring, centre } from './centring.js';
import { OBSERVE, type Observation } from './observe.js';

/** Shared with every worker; all arrays in shared memory. */
export interface EpochData {
  vectors: Vectors;
  centring: Centring;
  /** Class of each row, from 0 on. */
  labels: Int32Array;
  classes: number;
  observation: Observation;
  /** Rows of the epoch, batch by batch. */
  order: Int32Array;
  /** The number of the step, which the weights are for. */
  step: Int32Array;
  /** (cols + 1) × classes. */
  weights: Float32Array;
  /** Of each part of a batch the gradient, (cols + 1) × classes. */
  gradients: Float32Array;
  /** What was observed of each row. */
  observed: Float64Array;
}

/** Places `start` … `end` − 1 of the order, which are the `part`-th of their batch. */
export interface BatchPart {
  start: number;
  end: number;
  part: number;
}

/** The tasks of a worker. */
export interface EpochTasks {
  /** Write the gradient of some rows, and what is observed of them. */
  learn(part: BatchPart): Promise<void>;
  close(): void;
}

export function serve(data: EpochData): EpochTasks {
  const { vectors, centring, labels, classes, order, step, gradients, observed } = data;
  const cols = vectors.cols + 1;
  const reader = openVectors(vectors);
  const rowsRoom = rowBuffer(vectors.cols);
  const centredRoom = rowBuffer(cols);
  const classRoom = rowBuffer(classes);
  const model = compileModel(softmaxGradientModel(cols, classes, 1));
  const observe = OBSERVE[data.observation];
  let weights: Tensor | undefined;
  let weightsOf = -1;

  async function learn({ start, end, part }: BatchPart): Promise<void> {
    const listed = order.subarray(start, end);
    const { length } = listed;
    const x = centredRoom(length);
    centre(reader.gather(listed, rowsRoom(length)), centring, x);
    const y = classRoom(length).fill(0);
    for (let i = 0; i < length; i++) y[i * classes + labels[listed[i]]] = 1;
    if (weights === undefined || weightsOf !== step[0]) weights = floatTensor(data.weights.slice(), [cols, classes]);
    weightsOf = step[0];
    const found = await (await model).run({
      x: floatTensor(x, [length, cols]),
      y: floatTensor(y, [length, classes]),
      w: weights,
    });
    gradients.set(found.gradient.data as Float32Array, part * cols * classes);
    const logits = found.logits.data as Float32Array;
    const p = found.p.data as Float32Array;
    for (let i = 0, at = 0; i < length; i++, at += classes)
      observed[listed[i]] = observe(logits, p, at, classes, at + labels[listed[i]]);
  }

  return { learn, close: () => reader.close() };
}
