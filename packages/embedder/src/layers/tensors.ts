import { CoresetError, toFloat32, type VectorType } from '@coreset/core';
import { readTensor, safetensorsHeader } from '../static/safetensors.js';

/** Arrays of numbers by name. */
export type Tensors = ReadonlyMap<string, { shape: number[]; data: Float32Array }>;

const TYPES: Record<string, VectorType> = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/**
 * The floats of a `.safetensors` file, as float32.
 * @throws CoresetError naming the file when it cannot be read, is damaged, or holds other numbers
 */
export function readTensors(path: string): Tensors {
  return new Map(
    [...safetensorsHeader(path)].map(([name, entry]) => {
      const type = TYPES[entry.type];
      if (type === undefined)
        throw new CoresetError(
          `cannot read ${path}: ${name} is of the type ${entry.type}, and weights of a layer are floats`,
        );
      const bytes = new ArrayBuffer(entry.bytes);
      readTensor(path, entry, bytes);
      const convert = toFloat32({ type });
      if (convert === undefined) return [name, { shape: entry.shape, data: new Float32Array(bytes) }];
      const data = new Float32Array(entry.shape.reduce((size, part) => size * part, 1));
      convert(new Uint8Array(bytes), data);
      return [name, { shape: entry.shape, data }];
    }),
  );
}
