import { type Cost, costOf } from '@coreset/core';
import { type MapChoice, mapMethod } from './lay-out.js';
import { UMAP_NEIGHBOURS } from './umap.js';

/** What the time of `layOut` depends on. */
export interface MapWorkload {
  rows: number;
  cols: number;
  /** Neighbours per row of the graph. */
  k: number;
  /** Default: `auto`. */
  choice?: MapChoice;
}

/** Loading the kernel of products, and the directions of some thousand rows. */
const START = 0.35;
const PER_NUMBER = 2e-9;
/** Per row and neighbour that counts, in all epochs. */
const PER_EDGE = 1e-5;
/** Per edge from both ends, and per row. */
const BYTES = { edge: 32, row: 48, written: 8 };

/** embeddings and graph → map: a pass over the vectors, and of UMAP the epochs on one thread. */
export function mapCost({ rows, cols, k, choice }: MapWorkload): Cost {
  const method = mapMethod(rows, choice);
  if (method === undefined) return costOf({});
  const edges = method === 'umap' ? rows * Math.min(k, UMAP_NEIGHBOURS) : 0;
  return costOf({
    serial: START + rows * cols * PER_NUMBER + edges * PER_EDGE,
    memory: edges * BYTES.edge + rows * BYTES.row,
    disk: rows * BYTES.written,
  });
}
