import { normaliseRows, openVectors, rowBuffer, squaredDistance, type Tasks, type Vectors } from '@coreset/core';
import { createNearestPrototype } from './nearest-prototype.js';

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

export function serve({ vectors, prototypes, labels, distances, normalise }: AssignData): Tasks {
  const { cols } = vectors;
  const reader = openVectors(vectors);
  const room = rowBuffer(cols);
  const nearest = createNearestPrototype(prototypes.length / cols, cols);

  /** Find the nearest prototypes of a block of rows, and the distances to them. */
  async function assign({ start, end }: { start: number; end: number }): Promise<void> {
    const { use, label } = await nearest;
    use(prototypes);
    const rows = reader.read(start, end, room(end - start));
    if (normalise) normaliseRows(rows, cols);
    labels.set(await label(rows), start);
    for (let i = start; i < end; i++) {
      distances[i] = Math.sqrt(squaredDistance(rows, i - start, prototypes, labels[i], cols));
    }
  }

  return { assign, close: () => reader.close() };
}
