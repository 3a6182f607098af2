import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeOnnxModel, type GraphSpec } from './onnx-graph.js';

/**
 * Compile a kernel. It always runs on one thread: how onnxruntime splits a product among its threads
 * changes the rounding, so work is spread over worker threads instead, in blocks that do not depend on
 * their number.
 */
export function createKernel(graph: GraphSpec): Promise<InferenceSession> {
  return InferenceSession.create(encodeOnnxModel(graph), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
}

/** A float32 tensor over `data`, which must not lie in shared memory (onnxruntime-node refuses that). */
export function floatTensor(data: Float32Array, shape: number[]): Tensor {
  return new Tensor('float32', data, shape);
}

/** A one-element int64 tensor, such as the K of TopK. */
export function int64Scalar(value: number): Tensor {
  return new Tensor('int64', BigInt64Array.of(BigInt(value)), [1]);
}

export { InferenceSession, Tensor };
