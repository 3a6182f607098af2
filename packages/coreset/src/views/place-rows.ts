import { type Matrix, noProgress } from '@coreset/core';
import { buildGraph } from '@coreset/graph';
import { layOut, UMAP_NEIGHBOURS } from '@coreset/report';
import type { PlacedRows } from './source.js';

/** Lay some rows out on a plane by their vectors. */
export async function placeRows(vectors: Matrix): Promise<Omit<PlacedRows, 'rows'>> {
  const quiet = { onProgress: noProgress };
  const plane = await layOut(vectors, await buildGraph(vectors, { ...quiet, k: UMAP_NEIGHBOURS }), {
    ...quiet,
    method: 'umap',
  });
  return { ...columnsOf(plane), method: nameOf('umap') };
}

/** What a plane is of two numbers per row. */
export function columnsOf(plane: Float32Array): { x: Float32Array; y: Float32Array } {
  const rows = plane.length / 2;
  return {
    x: Float32Array.from({ length: rows }, (_, i) => plane[2 * i]),
    y: Float32Array.from({ length: rows }, (_, i) => plane[2 * i + 1]),
  };
}

/** Of a method that lays rows out. */
export function nameOf(method: string): string {
  return method.toUpperCase();
}
