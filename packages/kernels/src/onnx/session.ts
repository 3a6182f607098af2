import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeOnnxModel, type ModelSpec } from './model.js';
import { requireTelemetryChoice } from './telemetry.js';

type Onnxruntime = typeof import('onnxruntime-node');

const require = createRequire(import.meta.url);
let loaded: Onnxruntime | undefined;

/** Loads the native library when something is computed, not when a package is imported. */
function onnxruntime(): Onnxruntime {
  if (loaded === undefined) {
    loaded = require('onnxruntime-node') as Onnxruntime;
    loaded.env.logLevel = 'fatal'; // what goes wrong is thrown; read when the first session of the process is made
  }
  return loaded;
}

/** Let onnxruntime write what goes wrong to the error output, in a process that has no session yet. */
export function logErrors(): void {
  onnxruntime().env.logLevel = 'error';
}

/** Names of the devices (execution providers) that onnxruntime was built with here, whether or not the machine has them. */
export function listedDevices(): string[] {
  return onnxruntime()
    .listSupportedBackends()
    .map(({ name }) => name);
}

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
  const { InferenceSession } = onnxruntime();
  return typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
}

/**
 * Compile a model made in memory. It always runs on one thread: how onnxruntime splits a product among its threads
 * changes the rounding, so work is spread over worker threads instead, in blocks that do not depend on
 * their number.
 */
export function compileModel(spec: ModelSpec): Promise<InferenceSession> {
  return createSession(encodeOnnxModel(spec), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
}

/** A tensor over `data`, which must not lie in shared memory (onnxruntime-node refuses that). */
export function tensor(type: Tensor.Type, data: Tensor.DataType, shape: readonly number[]): Tensor {
  const { Tensor } = onnxruntime();
  return new Tensor(type, data, shape);
}

/** A float32 tensor; see {@link tensor}. */
export function floatTensor(data: Float32Array, shape: number[]): Tensor {
  return tensor('float32', data, shape);
}

/** A one-element int64 tensor, such as the K of TopK. */
export function int64Scalar(value: number): Tensor {
  return tensor('int64', BigInt64Array.of(BigInt(value)), [1]);
}

export type { InferenceSession, Tensor };
