import { loadVectors, type Vectors } from '@coreset/core';
import type { PlacedRows } from './source.js';

/** Lay some rows out on a plane by their vectors. */
export async function placeRows(given: Vectors): Promise<Omit<PlacedRows, 'rows'>> {
  const vectors = await loadVectors(given);
  const x = Float32Array.from({ length: vectors.rows }, (_, i) => vectors.data[i * vectors.cols]);
  const y = Float32Array.from({ length: vectors.rows }, (_, i) => vectors.data[i * vectors.cols + 1]);
  return { x, y, method: 'two columns' };
}
