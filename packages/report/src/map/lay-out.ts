import {
  CoresetError,
  diagnose,
  RUN_OPTIONS,
  type RunOptions,
  requireKnownOptions,
  requireSeed,
  shownInCell,
  type Vectors,
} from '@coreset/core';
import type { NeighbourGraph } from '@coreset/graph';
import { principalPlane } from './principal-plane.js';
import { umap } from './umap.js';

/** How rows are laid out in two dimensions. */
export type MapMethod = 'umap' | 'pca';

/** What may be asked for: `auto` is UMAP up to 50,000 rows and PCA beyond; `none` is no map. */
export type MapChoice = MapMethod | 'auto' | 'none';

export const MAP_CHOICES: MapChoice[] = ['auto', 'pca', 'umap', 'none'];

/** Rows that `auto` lays out by UMAP at most: docs/decisions/map.md. */
const MOST_FOR_UMAP = 50_000;

/** Options of {@link layOut}. */
export interface MapOptions extends RunOptions {
  /** Default: `auto`. */
  method?: MapMethod | 'auto';
  /** Of the random choices of UMAP. Default: 0. */
  seed?: number;
}

/** Every option of {@link MapOptions}. */
export const MAP_OPTIONS: Readonly<Record<keyof MapOptions, true>> = { ...RUN_OPTIONS, method: true, seed: true };

/** The method that a choice comes to; undefined for no map. @throws CoresetError for what is none */
export function mapMethod(rows: number, choice: MapChoice = 'auto'): MapMethod | undefined {
  if (!MAP_CHOICES.includes(choice))
    throw new CoresetError(`map '${choice}' is not known; use one of ${MAP_CHOICES.join(', ')}`);
  if (choice === 'none') return undefined;
  return choice === 'auto' ? (rows <= MOST_FOR_UMAP ? 'umap' : 'pca') : choice;
}

/**
 * Lay rows out in two dimensions, so that they can be drawn as a map.
 *
 * `umap` puts neighbours in the graph near one another, and what it says of large distances is little; `pca` shows the two
 * directions in which rows vary most. Both give the same bytes for any number of threads.
 *
 * @param vectors rows × cols
 * @param graph of the same rows; `pca` does not look at it
 * @returns rows × 2; of rows with the same vector the same
 * @throws CoresetError when an option is wrong, or the graph is of other rows
 */
export async function layOut(vectors: Vectors, graph: NeighbourGraph, given: MapOptions = {}): Promise<Float32Array> {
  requireKnownOptions('layOut', given, MAP_OPTIONS);
  const options = shownInCell(given);
  const { method: choice, seed = 0, signal } = options;
  requireSeed(seed);
  const method = mapMethod(vectors.rows, choice);
  if (graph.rows !== vectors.rows)
    throw new CoresetError(`the graph has ${graph.rows} rows, the vectors have ${vectors.rows}; they must match`);
  diagnose(options, 'map', { method, ...(method === 'umap' && { seed }) });
  const plane = await principalPlane(vectors, signal);
  return Float32Array.from(method === 'umap' ? await umap(graph, plane, options) : plane);
}
