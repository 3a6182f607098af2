import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { activationOf } from './activations.js';
import type { Layer } from './layer.js';
import { readTensors, type Tensors } from './tensors.js';

/** What a vector becomes; it may be changed in place. */
type Step = (vector: Float32Array) => Float32Array;

/** Of torch.nn: what the variance of LayerNorm, and the least length of Normalize, are kept above. */
const EPSILON = { variance: 1e-5, length: 1e-12 };

/**
 * Load the weights of layers.
 * @param folder of the model
 * @returns what a pooled vector becomes by all of them, in float32 with sums in float64
 * @throws CoresetError naming the file when it cannot be read or has other shapes than its configuration says
 */
export function loadLayers(folder: string, layers: readonly Layer[]): Step {
  const steps = layers.map((layer) => stepOf(folder, layer));
  return (vector) => steps.reduce((result, step) => step(result), vector);
}

/** Columns of vectors behind layers. */
export function colsBehind(layers: readonly Layer[], cols: number): number {
  return layers.reduce((result, layer) => (layer.kind === 'Dense' ? layer.outputs : result), cols);
}

function stepOf(folder: string, layer: Layer): Step {
  if (layer.kind === 'Normalize') return normalised;
  const path = join(folder, layer.weights);
  const tensors = readTensors(path);
  if (layer.kind === 'LayerNorm') return layerNorm(layer, tensors, path);
  return dense(layer, tensors, path);
}

function normalised(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.max(Math.sqrt(sum), EPSILON.length);
  return vector.map((value) => value / length);
}

function layerNorm({ cols }: Extract<Layer, { kind: 'LayerNorm' }>, tensors: Tensors, path: string): Step {
  const weight = tensorOf(tensors, 'norm.weight', [cols], path);
  const bias = tensorOf(tensors, 'norm.bias', [cols], path);
  return (vector) => {
    requireCols(vector, cols, path);
    const mean = vector.reduce((sum, value) => sum + value, 0) / cols;
    const variance = vector.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cols;
    const divisor = Math.sqrt(variance + EPSILON.variance);
    return vector.map((value, c) => ((value - mean) / divisor) * weight[c] + bias[c]);
  };
}

function dense(layer: Extract<Layer, { kind: 'Dense' }>, tensors: Tensors, path: string): Step {
  const { inputs, outputs, hasBias, isResidual } = layer;
  const activation = activationOf(layer.activation, path);
  const weight = tensorOf(tensors, 'linear.weight', [outputs, inputs], path);
  const bias = hasBias ? tensorOf(tensors, 'linear.bias', [outputs], path) : undefined;
  const residual =
    isResidual && inputs !== outputs ? tensorOf(tensors, 'residual.weight', [outputs, inputs], path) : undefined;
  return (vector) => {
    requireCols(vector, inputs, path);
    return Float32Array.from({ length: outputs }, (_, o) => {
      const value = activation(product(weight, o, vector) + (bias?.[o] ?? 0));
      if (!isResidual) return value;
      return value + (residual ? product(residual, o, vector) : vector[o]);
    });
  };
}

/** A row of a matrix times a vector. */
function product(matrix: Float32Array, row: number, vector: Float32Array): number {
  let sum = 0;
  for (let c = 0, at = row * vector.length; c < vector.length; c++, at++) sum += matrix[at] * vector[c];
  return sum;
}

function requireCols(vector: Float32Array, cols: number, path: string): void {
  if (vector.length !== cols)
    throw new CoresetError(`${path} is of vectors of ${cols} columns, and those before it have ${vector.length}`);
}

function tensorOf(tensors: Tensors, name: string, shape: number[], path: string): Float32Array {
  const found = tensors.get(name);
  if (found !== undefined && found.shape.join() === shape.join()) return found.data;
  const is = found === undefined ? 'is missing' : `has the shape ${found.shape.join(' × ')}`;
  throw new CoresetError(`${path}: ${name} ${is}; its config.json asks for ${shape.join(' × ')}`);
}
