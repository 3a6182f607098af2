import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeOnnxModel, type GraphSpec } from './onnx-graph.js';
import { requireTelemetryChoice } from './telemetry.js';

/**
 * Load a model. All sessions are made here, so that none sends telemetry.
 * @param model its file, or its bytes
 * @throws CoresetError when telemetry cannot be switched off, and whatever onnxruntime says of the model
 */
export async function createSession(
  model: string | Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  requireTelemetryChoice();
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

/**
 * Compile a kernel. It always runs on one thread: how onnxruntime splits a product among its threads
 * changes the rounding, so work is spread over worker threads instead, in blocks that do not depend on
 * their number.
 */
export function createKernel(graph: GraphSpec): Promise<InferenceSession> {
  return createSession(encodeOnnxModel(graph), {
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

export { type InferenceSession, Tensor };
