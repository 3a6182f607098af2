import { type Matrix, normaliseRows } from '@coreset/core';
import type { Missing } from './no-vector.js';
import type { WorkerSettings } from './options.js';
import type { TextReadings } from './readings.js';

/** What a model gives for a few items. */
export interface Embedded extends Matrix {
  readings: TextReadings;
  /** Items, counted from 0, that have no vector. */
  missing: Map<number, Missing>;
}

/** Rows of numbers that are no vectors, beside those that are known; they become zeros. */
function addMissing(data: Float32Array, cols: number, zerosCount: boolean, missing: Map<number, Missing>): void {
  for (let start = 0, row = 0; start < data.length; start += cols, row++) {
    if (missing.has(row)) continue;
    let sum = 0;
    for (let c = start; c < start + cols; c++) sum += data[c] * data[c];
    if (!Number.isFinite(sum)) {
      missing.set(row, 'not finite');
      data.fill(0, start, start + cols);
    } else if (sum === 0 && !zerosCount) missing.set(row, 'zeros');
  }
}

/** The task of a worker. */
export interface EmbeddingTasks {
  embed(task: { items: string[] }): Promise<Embedded>;
}

/** What a worker of the embedder serves; the model is loaded at the first task. */
export function embeddingTasks<Loaded>(
  settings: WorkerSettings,
  load: (settings: WorkerSettings) => Promise<Loaded>,
  embed: (loaded: Loaded, settings: WorkerSettings, items: string[]) => Promise<Embedded>,
): EmbeddingTasks {
  let loading: Promise<Loaded> | undefined;
  return {
    async embed({ items }) {
      loading ??= load(settings);
      const embedded = await embed(await loading, settings, items);
      addMissing(embedded.data, embedded.cols, !settings.normalise, embedded.missing);
      if (settings.normalise) normaliseRows(embedded.data, embedded.cols);
      return embedded;
    },
  };
}
