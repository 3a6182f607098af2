import { normaliseRows, type Tasks } from '@coreset/core';
import type { Embedded } from './embed.js';
import type { WorkerSettings } from './options.js';

/** What a worker of the embedder serves; the model is loaded at the first task. */
export function embeddingTasks<Loaded>(
  settings: WorkerSettings,
  load: (settings: WorkerSettings) => Promise<Loaded>,
  embed: (loaded: Loaded, settings: WorkerSettings, items: string[]) => Promise<Embedded>,
): Tasks {
  let loading: Promise<Loaded> | undefined;
  return {
    async embed({ items }: { items: string[] }): Promise<Embedded> {
      loading ??= load(settings);
      const embedded = await embed(await loading, settings, items);
      if (settings.normalise) normaliseRows(embedded.data, embedded.cols);
      return embedded;
    },
  };
}
