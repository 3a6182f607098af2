import { greatestMagnitude, scaledBy, scaleFor } from '@coreset/core';
import {
  compileModel,
  ElementType,
  floatTensor,
  type InferenceSession,
  negativeSquaredNorms,
  type Tensor,
} from '@coreset/kernels';

/** Finds the nearest of some prototypes by a float32 product; ties go to the lowest index. */
export interface NearestPrototype {
  /** Take these prototypes, P × cols, from now on. */
  use(prototypes: Float32Array): void;
  /** @param rows in ordinary memory */
  label(rows: Float32Array): Promise<Int32Array>;
}

/** argmax over prototypes of 2 x·c − |c|², which is the argmin of |x − c|²; in a unit in which no product overflows. */
export async function createNearestPrototype(count: number, cols: number): Promise<NearestPrototype> {
  const kernel: InferenceSession = await compileModel({
    name: 'assign',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
      { name: 'prototypes', type: ElementType.float32, shape: [count, cols] },
      { name: 'bias', type: ElementType.float32, shape: [1, count] },
    ],
    outputs: [{ name: 'label', type: ElementType.int32, shape: ['m'] }],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['rows', 'prototypes', 'bias'],
        outputs: ['score'],
        attributes: { alpha: { float: 2 }, transB: 1 },
      },
      { op: 'ArgMax', inputs: ['score'], outputs: ['label64'], attributes: { axis: 1, keepdims: 0 } },
      { op: 'Cast', inputs: ['label64'], outputs: ['label'], attributes: { to: ElementType.int32 } },
    ],
  });
  let feeds: { prototypes: Tensor; bias: Tensor };
  let scale = 1;
  return {
    use(prototypes) {
      scale = scaleFor(greatestMagnitude(prototypes));
      const scaled = scaledBy(prototypes.slice(), scale);
      feeds = {
        prototypes: floatTensor(scaled, [count, cols]),
        bias: floatTensor(negativeSquaredNorms(scaled, cols), [1, count]),
      };
    },
    async label(rows) {
      const scaled = floatTensor(scaledBy(rows, scale), [rows.length / cols, cols]);
      const { label } = await kernel.run({ ...feeds, rows: scaled });
      return label.data as Int32Array;
    },
  };
}
