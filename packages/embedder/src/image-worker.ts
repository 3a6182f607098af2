import { CoresetError, type Tasks } from '@coreset/core';
import {
  AutoConfig,
  AutoModel,
  AutoModelForImageFeatureExtraction,
  AutoProcessor,
  type PreTrainedModel,
  type Processor,
  RawImage,
  type Tensor,
} from '@huggingface/transformers';
import type { Embedded } from './embed.js';
import { readPixels } from './image-file.js';
import type { ModelSettings } from './options.js';
import { poolPositions, poolTokens } from './pooling.js';
import { embeddingTasks, loadModel } from './worker-model.js';

interface Loaded {
  processor: Processor;
  model: PreTrainedModel;
  /** Outputs that tell what an image looks like, best first. */
  outputs: string[];
}

/** Models of images and texts were trained by one vector per image, others have one per patch. */
const OUTPUTS = {
  paired: ['image_embeds', 'image_embeddings', 'pooler_output', 'last_hidden_state'],
  alone: ['last_hidden_state', 'pooler_output'],
};

function load(settings: ModelSettings): Promise<Loaded> {
  return loadModel(settings, async (id, options) => {
    const { model_type } = await AutoConfig.from_pretrained(id);
    const processor = await AutoProcessor.from_pretrained(id);
    if (!AutoModelForImageFeatureExtraction.supports(model_type ?? ''))
      return { processor, model: await AutoModel.from_pretrained(id, options), outputs: OUTPUTS.alone };
    const model = await AutoModelForImageFeatureExtraction.from_pretrained(id, options);
    return { processor, model, outputs: OUTPUTS.paired };
  });
}

async function readImage(path: string): Promise<RawImage> {
  const { data, width, height } = await readPixels(path);
  return new RawImage(data, width, height, 3);
}

async function features({ model, outputs }: Loaded, pixels: Tensor): Promise<Tensor> {
  const output: Record<string, Tensor> = await model({ pixel_values: pixels });
  const found = outputs.find((name) => output[name] !== undefined);
  if (found === undefined) {
    throw new CoresetError(
      `the model gives ${Object.keys(output).join(', ')}, not ${outputs.join(' or ')}; use an image-feature-extraction model`,
    );
  }
  const { dims } = output[found];
  if (dims.length < 2 || dims.length > 4)
    throw new CoresetError(`the model's ${found} has the shape ${dims.join(' × ')}, which are no vectors of images`);
  return output[found];
}

/** Embed image files; rows of the result follow their order. */
async function embed(loaded: Loaded, settings: ModelSettings, paths: string[]): Promise<Embedded> {
  let data = new Float32Array(0);
  let cols = 0;
  for (let start = 0; start < paths.length; start += settings.batchSize) {
    const images = await Promise.all(paths.slice(start, start + settings.batchSize).map(readImage));
    const { pixel_values: pixels } = await loaded.processor(images);
    const hidden = await features(loaded, pixels);
    const width = hidden.dims.length === 4 ? hidden.dims[1] : hidden.dims[hidden.dims.length - 1];
    if (cols === 0) {
      cols = width;
      data = new Float32Array(paths.length * cols);
    }
    const size = hidden.size / images.length;
    for (let b = 0; b < images.length; b++) {
      const target = data.subarray((start + b) * cols, (start + b + 1) * cols);
      const values = hidden.data as Float32Array;
      if (hidden.dims.length === 4) poolPositions(values, b * size, size / width, target);
      else poolTokens(values, b * size, size / width, width, settings.pooling, target);
    }
    hidden.dispose();
  }
  return { data, cols };
}

export function serve(settings: ModelSettings): Tasks {
  return embeddingTasks(settings, load, embed);
}
