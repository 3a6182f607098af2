import { greatestMagnitude, scaledBy, scaleFor } from '@coreset/core';
import { ElementType, type ModelSpec } from '../onnx/model.js';
import { negativeSquaredNorms } from '../onnx/nearest.js';
import { compileModel, floatTensor, type Tensor } from '../onnx/session.js';

/** Assigns rows to the nearest of some centroids by a float32 product; ties go to the lowest index. */
export interface FloatAssigner {
  /** Take these centroids, count × cols, from now on. */
  use(centroids: Float32Array): void;
  /** @param rows in ordinary memory @returns the index of the nearest centroid of each */
  assign(rows: Float32Array): Promise<Int32Array>;
}

/** Made once per thread; in a unit in which no product overflows. */
export async function createFloatAssigner(count: number, cols: number): Promise<FloatAssigner> {
  const model = await compileModel(assignmentModel(count, cols));
  let feeds: { centroids: Tensor; bias: Tensor };
  let scale = 1;
  return {
    use(centroids) {
      scale = scaleFor(greatestMagnitude(centroids));
      const scaled = scaledBy(centroids.slice(), scale);
      feeds = {
        centroids: floatTensor(scaled, [count, cols]),
        bias: floatTensor(negativeSquaredNorms(scaled, cols), [1, count]),
      };
    },
    async assign(rows) {
      const scaled = floatTensor(scaledBy(rows, scale), [rows.length / cols, cols]);
      const { label } = await model.run({ ...feeds, rows: scaled });
      return label.data as Int32Array;
    },
  };
}

/** argmax over centroids of 2 x·c − |c|², which is the argmin of |x − c|². */
function assignmentModel(count: number, cols: number): ModelSpec {
  return {
    name: 'assign',
    inputs: [
      { name: 'rows', type: ElementType.float32, shape: ['m', cols] },
      { name: 'centroids', type: ElementType.float32, shape: [count, cols] },
      { name: 'bias', type: ElementType.float32, shape: [1, count] },
    ],
    outputs: [{ name: 'label', type: ElementType.int32, shape: ['m'] }],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['rows', 'centroids', 'bias'],
        outputs: ['score'],
        attributes: { alpha: { float: 2 }, transB: 1 },
      },
      { op: 'ArgMax', inputs: ['score'], outputs: ['label64'], attributes: { axis: 1, keepdims: 0 } },
      { op: 'Cast', inputs: ['label64'], outputs: ['label'], attributes: { to: ElementType.int32 } },
    ],
  };
}
