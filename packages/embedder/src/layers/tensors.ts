import { CoresetError, readSafetensorsHeader, readTensor, toFloat32, type VectorType } from '@coreset/core';

/** Arrays of numbers by name. */
export type Tensors = ReadonlyMap<string, { shape: number[]; data: Float32Array }>;

const FLOATS: VectorType[] = ['float64', 'float32', 'float16', 'bfloat16'];

/**
 * The floats of a `.safetensors` file, as float32.
 * @throws CoresetError naming the file when it cannot be read, is damaged, or holds other numbers
 */
export function readTensors(path: string): Tensors {
  return new Map(
    readSafetensorsHeader(path).tensors.map((tensor) => {
      const { name, dtype, shape } = tensor;
      const type = FLOATS.find((float) => float === tensor.type);
      if (type === undefined)
        throw new CoresetError(
          `cannot read ${path}: ${name} is of the type ${dtype}, and weights of a layer are floats`,
        );
      const bytes = new ArrayBuffer(tensor.bytes);
      readTensor(path, tensor, bytes);
      const convert = toFloat32({ type });
      if (convert === undefined) return [name, { shape, data: new Float32Array(bytes) }];
      const data = new Float32Array(shape.reduce((size, part) => size * part, 1));
      convert(new Uint8Array(bytes), data);
      return [name, { shape, data }];
    }),
  );
}
