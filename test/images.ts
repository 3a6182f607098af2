import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ElementType, encodeOnnxModel, type ModelSpec } from '@coreset/kernels';
import sharp from 'sharp';

export type Colour = [red: number, green: number, blue: number];

/** A PNG file of one colour, or of two halves. */
export function png(left: Colour, right: Colour = left, side = 16): Promise<Buffer> {
  const line = Array.from({ length: side }, (_, x) => (x < side / 2 ? left : right)).flat();
  const pixels = Uint8Array.from(Array.from({ length: side }, () => line).flat());
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * What the tiny models give for an image shrunk to 8 × 8: its colour at 2 × 2 places as channels × places (`map`), as
 * the tokens of a transformer, a row of the image each (`tokens`), or as one vector (`embeds`, in the file and by the
 * name that models of images and texts have).
 */
export type TinyModel = 'map' | 'tokens' | 'embeds';

const SHAPES: Record<TinyModel, { name: string; shape: (string | number)[]; nodes: ModelSpec['nodes'] }> = {
  map: { name: 'last_hidden_state', shape: ['b', 3, 2, 2], nodes: [] },
  tokens: {
    name: 'last_hidden_state',
    shape: ['b', 2, 3],
    nodes: [
      { op: 'ReduceMean', inputs: ['map'], outputs: ['rows'], attributes: { axes: [2], keepdims: 0 } },
      { op: 'Transpose', inputs: ['rows'], outputs: ['tokens'], attributes: { perm: [0, 2, 1] } },
    ],
  },
  embeds: {
    name: 'image_embeds',
    shape: ['b', 12],
    nodes: [{ op: 'Flatten', inputs: ['map'], outputs: ['embeds'], attributes: { axis: 1 } }],
  },
};

/** Write a model that knows nothing but colours into a folder: no real image model comes with this repository. */
export function writeTinyModel(folder: string, kind: TinyModel): void {
  const { name, shape, nodes } = SHAPES[kind];
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const cols = kind === 'embeds' ? 12 : 3;
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ model_type: kind === 'embeds' ? 'clip' : 'vit', hidden_size: cols }),
  );
  writeFileSync(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({
      image_processor_type: 'ViTImageProcessor',
      do_resize: true,
      size: { height: 8, width: 8 },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: false,
    }),
  );
  const model = encodeOnnxModel({
    name: 'tiny',
    inputs: [{ name: 'pixel_values', type: ElementType.float32, shape: ['b', 3, 8, 8] }],
    outputs: [{ name, type: ElementType.float32, shape }],
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['pixel_values'],
        outputs: ['map'],
        attributes: { kernel_shape: [4, 4], strides: [4, 4] },
      },
      ...nodes,
      { op: 'Identity', inputs: [kind], outputs: [name] },
    ],
  });
  const file = kind === 'embeds' ? 'vision_model_quantized.onnx' : 'model_quantized.onnx';
  writeFileSync(join(folder, 'onnx', file), model);
}
