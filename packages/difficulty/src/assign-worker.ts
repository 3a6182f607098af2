import { type Block, normaliseRows, openVectors, rowBuffer, squaredDistance, type Vectors } from '@coreset/core';
import { createFloatAssigner } from '@coreset/kernels';

/** Shared with every worker. */
export interface AssignData {
  vectors: Vectors;
  /** P × cols, of length 1 each where rows are scaled. */
  prototypes: Float32Array;
  /** Nearest prototype of each row, in shared memory. */
  labels: Int32Array;
  /** Euclidean distance to it, in shared memory. */
  distances: Float64Array;
  /** Scale rows to length 1 first (cosine). */
  normalise: boolean;
}

/** The tasks of a worker. */
export interface AssignTasks {
  /** Find the nearest prototypes of rows, and the distances to them. */
  assign(rows: Block): Promise<void>;
  close(): void;
}

export function serve({ vectors, prototypes, labels, distances, normalise }: AssignData): AssignTasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(cols);
  const assigner = createFloatAssigner(prototypes.length / cols, cols);

  async function assign({ start, end }: Block): Promise<void> {
    const { use, assign } = await assigner;
    use(prototypes);
    const rows = reader.read(start, end, room(end - start));
    if (normalise) normaliseRows(rows, cols);
    labels.set(await assign(rows), start);
    for (let i = start; i < end; i++) {
      distances[i] = Math.sqrt(squaredDistance(rows, i - start, prototypes, labels[i], cols));
    }
  }

  return { assign, close: () => reader.close() };
}
