import { readFileSync } from 'node:fs';
import { CoresetError, fileError, toFloat32, type VectorType } from '@coreset/core';

/** Arrays of numbers by name. */
export type Tensors = ReadonlyMap<string, { shape: number[]; data: Float32Array }>;

const TYPES: Record<string, VectorType> = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' };
const LENGTH_BYTES = 8;

/**
 * The floats of a `.safetensors` file, as float32.
 * @throws CoresetError naming the file when it cannot be read or is damaged
 */
export function readTensors(path: string): Tensors {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
  try {
    const start = LENGTH_BYTES + Number(bytes.readBigUInt64LE(0));
    const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> = JSON.parse(
      bytes.toString('utf8', LENGTH_BYTES, start),
    );
    const { __metadata__: _, ...tensors } = header;
    return new Map(
      Object.entries(tensors).map(
        ([
          name,
          {
            dtype,
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          const type = TYPES[dtype];
          if (type === undefined || start + to > bytes.length) throw new Error(`${name} is ${dtype}`);
          // A copy, so that it begins where numbers may.
          const own = new Uint8Array(bytes.subarray(start + from, start + to));
          const data = new Float32Array(shape.reduce((size, part) => size * part, 1));
          const convert = toFloat32({ type });
          if (convert) convert(own, data);
          else data.set(new Float32Array(own.buffer));
          return [name, { shape, data }];
        },
      ),
    );
  } catch (error) {
    throw new CoresetError(`cannot read ${path}: it is damaged, or no .safetensors file of floats (${error})`);
  }
}
