import { CoresetError } from '@coreset/core';
import type { Tensor as Pixel } from '@huggingface/transformers';
import type { Pixels } from './image-file.js';
import { modelJson } from './model-json.js';
import { resizeLikePillow } from './pillow-resize.js';
import { type Size, settledSettings } from './processor-defaults.js';

/** Pictures to what a model takes: pictures × 3 × height × width. */
export type ImageProcessor = (pictures: Pixels[]) => Promise<Pixel>;

/** As many as a file may have. A picture that is one pixel wide may become larger than fits into memory. */
const MOST_PIXELS = 0x3fff ** 2;

/**
 * The image processor that a model's preprocessor_config.json names, of transformers.js, with the resizing, the sizes and the defaults of
 * Python's `transformers`, by which models are trained.
 * @param folder of the model
 */
export async function loadImageProcessor(folder: string): Promise<ImageProcessor> {
  // Loaded when it is needed: it brings sharp, which texts can do without.
  const transformers = await import('@huggingface/transformers');
  const { ImageProcessor, RawImage } = transformers;
  class Picture extends RawImage {
    override async resize(
      width: number,
      height: number,
      { resample = 2 }: { resample?: number | string } = {},
    ): Promise<Picture> {
      if (width * height > MOST_PIXELS)
        throw new CoresetError(
          `${this.width} × ${this.height} pixels would become ${width} × ${height}, which are too many`,
        );
      const resized = resizeLikePillow(this, width, height, resample);
      return new Picture(resized.data, resized.width, resized.height, 3);
    }

    override async center_crop(width: number, height: number): Promise<Picture> {
      return new Picture(cropCentre(this, width, height), width, height, 3);
    }
  }
  const config = modelJson(folder, 'preprocessor_config.json') ?? {};
  const name = String(config.image_processor_type ?? config.feature_extractor_type).replace(/Fast$/, '');
  const named: unknown = Reflect.get(transformers, name);
  const Processor = isSubclass(named, ImageProcessor) ? named : ImageProcessor;
  const processor = new Processor({ ...config, ...settledSettings(config) });
  const { get_resize_output_image_size: sizeOf } = processor;
  // Those that some processors have of their own stay.
  if (sizeOf === ImageProcessor.prototype.get_resize_output_image_size)
    processor.get_resize_output_image_size = (image, size: Size) =>
      size?.shortest_edge === undefined ? sizeOf.call(processor, image, size) : sizeByEdges(image, size);
  return async (pictures) => {
    const images = pictures.map(({ data, width, height }) => new Picture(data, width, height, 3));
    return (await processor(images)).pixel_values;
  };
}

function isSubclass<Class extends abstract new (...args: never[]) => unknown>(
  value: unknown,
  of: Class,
): value is Class {
  return typeof value === 'function' && value.prototype instanceof of;
}

/** The middle of a picture, with black around it where the picture is smaller. */
function cropCentre({ data, ...size }: Pixels, width: number, height: number): Uint8Array {
  const left = Math.floor((size.width - width) / 2);
  const top = Math.floor((size.height - height) / 2);
  const [first, end] = [Math.max(0, left), Math.min(size.width, left + width)];
  const result = new Uint8Array(3 * width * height);
  for (let y = Math.max(0, top); y < Math.min(size.height, top + height); y++) {
    const line = data.subarray(3 * (y * size.width + first), 3 * (y * size.width + end));
    result.set(line, 3 * ((y - top) * width + first - left));
  }
  return result;
}

/** The size with this shorter edge, or a smaller one where the longer would exceed its own; the ratio stays, cut to whole pixels. */
function sizeByEdges(picture: Pixels, size: Size): [width: number, height: number] {
  const { width, height } = picture;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  let edge = size.shortest_edge as number;
  let exact = edge;
  const most = size.longest_edge ?? Number.POSITIVE_INFINITY;
  if ((long / short) * edge > most) {
    exact = (most * short) / long;
    edge = roundHalfToEven(exact);
  }
  if (short === edge) return [width, height];
  const other = Math.trunc((exact * long) / short);
  return width < height ? [edge, other] : [other, edge];
}

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
