import {
  createKernel,
  ElementType,
  floatTensor,
  type InferenceSession,
  negativeSquaredNorms,
  normaliseRows,
  openVectors,
  squaredDistance,
  type Tasks,
  type Vectors,
} from '@coreset/core';

/** Shared with every worker; `prototypes` is rewritten between passes. */
export interface AssignData {
  vectors: Vectors;
  /** P × cols, in shared memory. */
  prototypes: Float32Array;
  count: number;
  /** Nearest prototype of each row, in shared memory. */
  labels: Int32Array;
  /** Euclidean distance to it, in shared memory. */
  distances: Float64Array;
  /** Scale rows to length 1 first (cosine). */
  normalise: boolean;
}

/** Sums of one block's rows per prototype, for the update step. */
export interface BlockSums {
  sums: Float64Array;
  counts: Int32Array;
}

export function serve({ vectors, prototypes, count, labels, distances, normalise }: AssignData): Tasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);

  /** argmax over prototypes of 2 x·c − |c|², which is the argmin of |x − c|²; ties go to the lowest index. */
  const kernel: Promise<InferenceSession> = createKernel({
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

  async function assign(start: number, end: number): Promise<Float32Array> {
    const rows = reader.read(start, end);
    if (normalise) normaliseRows(rows, cols);
    const { label } = await (await kernel).run({
      rows: floatTensor(rows, [end - start, cols]),
      prototypes: floatTensor(prototypes.slice(), [count, cols]),
      bias: floatTensor(negativeSquaredNorms(prototypes, cols), [1, count]),
    });
    labels.set(label.data as Int32Array, start);
    for (let i = start; i < end; i++) {
      distances[i] = Math.sqrt(squaredDistance(rows, i - start, prototypes, labels[i], cols));
    }
    return rows;
  }

  /** Assign a block of rows to their nearest prototypes. */
  async function assignBlock({ start, end }: { start: number; end: number }): Promise<void> {
    await assign(start, end);
  }

  /** Assign a block and sum its rows per prototype. */
  async function assignAndSumBlock({ start, end }: { start: number; end: number }): Promise<BlockSums> {
    const rows = await assign(start, end);
    const sums = new Float64Array(count * cols);
    const counts = new Int32Array(count);
    for (let i = start; i < end; i++) {
      const label = labels[i];
      counts[label]++;
      const from = (i - start) * cols;
      const to = label * cols;
      for (let c = 0; c < cols; c++) sums[to + c] += rows[from + c];
    }
    return { sums, counts };
  }

  return { assignBlock, assignAndSumBlock, close: reader.close };
}
