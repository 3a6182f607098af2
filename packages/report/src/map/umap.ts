import { openPool, type RunOptions, requireSeed, seededRandom } from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';

/** Neighbours of a row that count. */
export const UMAP_NEIGHBOURS = 15;
const EPOCHS = 200;
/** The half width of the map in the beginning. */
const HALF = 10;
/** How far rows are moved at random in the beginning, so that none lie at the same place. */
const APART = 1e-3;
/** Not that of other random choices with the same seed. */
const OF_START = 0x5a9b31;
/** Edges that are moved before the event loop is heard. */
const EDGES_AT_ONCE = 2e6;

/**
 * Lay rows out so that neighbours in the graph are near: UMAP (McInnes, Healy & Melville 2018) with b = 1, on one thread.
 * A duplicate lies where its representative does.
 * @param start where rows lie in the beginning, rows × 2
 * @returns rows × 2
 */
export async function umap(
  graph: NeighbourGraph,
  start: Float64Array,
  { seed = 0, signal, onProgress }: RunOptions & { seed?: number },
): Promise<Float64Array> {
  const { rows, representative } = graph;
  requireSeed(seed);
  const places = new Float64Array(new SharedArrayBuffer(16 * rows));
  const greatest = start.reduce((most, place) => Math.max(most, Math.abs(place)), 0);
  const random = seededRandom(seed, OF_START);
  for (let i = 0; i < places.length; i++)
    places[i] = (greatest > 0 ? (HALF * start[i]) / greatest : 0) + APART * (random.uniform() - 0.5);
  const data = { graph, neighbours: UMAP_NEIGHBOURS, epochs: EPOCHS, seed, places };
  const pool = openPool<typeof import('./umap-worker.js')>(new URL('./umap-worker.js', import.meta.url), data, {
    threads: 1,
    signal,
  });
  try {
    const atOnce = Math.max(1, Math.floor(EDGES_AT_ONCE / Math.max(1, rows * UMAP_NEIGHBOURS)));
    for (let epoch = 0; epoch < EPOCHS; epoch += atOnce) {
      await pool.run('move', { start: epoch, end: Math.min(EPOCHS, epoch + atOnce) });
      onProgress?.({ stage: 'map', done: Math.min(EPOCHS, epoch + atOnce), total: EPOCHS });
    }
  } finally {
    await pool.close();
  }
  return Float64Array.from(places, (_, i) => places[2 * representative[i >> 1] + (i & 1)]);
}
