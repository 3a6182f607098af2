import { CoresetError, messageOf } from '@coreset/core';
import { tensor } from '@coreset/kernels';
import type { Embedded } from './embedding-tasks.js';
import { type EmbeddingTasks, embeddingTasks } from './embedding-tasks.js';
import { FittingBatches } from './fitting-batches.js';
import { type Pixels, readPixels, requireSharp } from './image-file.js';
import { type ImageProcessor, loadImageProcessor } from './image-processor.js';
import { modelJson } from './model-json.js';
import { lineOf, ModelSession } from './model-session.js';
import type { Missing } from './no-vector.js';
import type { WorkerSettings } from './options.js';
import { poolAll, poolPositions } from './pooling.js';
import type { TextReadings } from './readings.js';

interface Loaded {
  processor: ImageProcessor;
  session: ModelSession;
  /** Outputs that tell what an image looks like, best first. */
  outputs: string[];
  fitting: FittingBatches;
}

/** Models of images and texts were trained by one vector per image, others have one per patch. */
const OUTPUTS = {
  paired: ['image_embeds', 'image_embeddings', 'pooler_output', 'last_hidden_state'],
  alone: ['last_hidden_state', 'pooler_output'],
};

async function load(settings: WorkerSettings): Promise<Loaded> {
  await requireSharp();
  const { folder } = settings.source;
  try {
    // Loaded when it is needed: it brings sharp, which texts can do without.
    const { AutoModelForImageFeatureExtraction } = await import('@huggingface/transformers');
    const type = String(modelJson(folder, 'config.json')?.model_type);
    return {
      processor: await loadImageProcessor(folder),
      session: await ModelSession.open(settings),
      outputs: AutoModelForImageFeatureExtraction.supports(type) ? OUTPUTS.paired : OUTPUTS.alone,
      fitting: new FittingBatches(settings.batchSize),
    };
  } catch (error) {
    if (CoresetError.isInstance(error)) throw error;
    throw new CoresetError(`cannot load the model from ${folder}: ${messageOf(error)}`);
  }
}

/** In the place of an image that cannot be read. */
const BLANK: Pixels = { data: new Uint8Array(3), width: 1, height: 1 };

/** Embed image files; rows of the result follow their order. */
async function embed(loaded: Loaded, settings: WorkerSettings, paths: string[]): Promise<Embedded> {
  let data = new Float32Array(0);
  let cols = 0;
  const count = (): Int32Array => new Int32Array(paths.length);
  const readings: TextReadings = { tokens: count(), unknown: count(), lost: count() };
  const missing = new Map<number, Missing>();
  await loaded.fitting.run(paths, async (batch, start) => {
    // Photographs take long to decode, and the thread is waited for.
    if (Atomics.load(settings.stopped, 0) === 1) throw new Error('embedding was stopped');
    const read = await Promise.all(batch.map(readPixels));
    for (const [b, image] of read.entries()) {
      if ('picture' in image) {
        readings.tokens[start + b] = 1;
        if (!image.isWhole) readings.lost[start + b] = 1;
      } else missing.set(start + b, { unreadable: image.problem });
    }
    const images = read.map((image) => ('picture' in image ? image.picture : BLANK));
    const pixels = await loaded.processor(images).catch((error) => {
      throw new CoresetError(`cannot prepare ${batch.join(', ')} for the model: ${lineOf(error)}`);
    });
    const input = tensor('float32', pixels.data as Float32Array, pixels.dims);
    const { data: values, dims } = await loaded.session.run({ pixel_values: input }, loaded.outputs);
    if (dims.length < 2 || dims.length > 4)
      throw new CoresetError(`the model gives ${dims.join(' × ')} numbers, which are no vectors of images`);
    const width = dims.length === 4 ? dims[1] : dims[dims.length - 1];
    if (cols === 0) {
      cols = width;
      data = new Float32Array(paths.length * cols);
    }
    const size = values.length / images.length;
    for (let b = 0; b < batch.length; b++) {
      const target = data.subarray((start + b) * cols, (start + b + 1) * cols);
      if (dims.length === 4) poolPositions(values, b * size, size / width, target);
      else poolAll({ hidden: values, first: b * size, tokens: size / width, width }, settings.poolings, target);
    }
  });
  for (const row of missing.keys()) data.fill(0, row * cols, (row + 1) * cols);
  return { data, rows: paths.length, cols, readings, missing };
}

export function serve(settings: WorkerSettings): EmbeddingTasks {
  return embeddingTasks(settings, load, embed);
}
