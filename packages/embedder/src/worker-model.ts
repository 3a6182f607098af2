import { CoresetError, messageOf, normaliseRows, type Tasks } from '@coreset/core';
import { env, type PretrainedModelOptions } from '@huggingface/transformers';
import type { Embedded } from './embed.js';
import type { ModelSettings } from './options.js';

/**
 * Load what a worker needs of a model.
 * @param from loads by the model's id with the options of its session
 * @throws CoresetError naming the model
 */
export async function loadModel<Loaded>(
  { source, dtype, device }: ModelSettings,
  from: (id: string, options: PretrainedModelOptions) => Promise<Loaded>,
): Promise<Loaded> {
  env.allowLocalModels = source.kind === 'local';
  env.allowRemoteModels = source.kind === 'hub';
  if (source.kind === 'local') env.localModelPath = source.parent;
  try {
    return await from(source.id, {
      dtype,
      device: device as 'cpu',
      // One single-threaded session per worker: twice the speed of one session with all threads, and a
      // fixed number of threads keeps the rounding the same on every machine.
      session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' },
    });
  } catch (error) {
    const where = source.kind === 'local' ? source.folder : `the hub id ${source.id}`;
    throw new CoresetError(
      `cannot load the model from ${where} (dtype ${dtype}, device ${device}): ${messageOf(error)}`,
    );
  }
}

/** What a worker of the embedder serves; the model is loaded at the first task. */
export function embeddingTasks<Loaded>(
  settings: ModelSettings,
  load: (settings: ModelSettings) => Promise<Loaded>,
  embed: (loaded: Loaded, settings: ModelSettings, items: string[]) => Promise<Embedded>,
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
