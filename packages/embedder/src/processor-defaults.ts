/** Settings of a preprocessor_config.json. */
export interface ProcessorSettings {
  size: Size | number;
  crop_size: Size | number;
  /** Number of a filter of Pillow. */
  resample: number;
  do_resize: boolean;
  do_center_crop: boolean;
  do_normalize: boolean;
  do_flip_channel_order: boolean;
  image_mean: number[];
  image_std: number[];
}

/** How a picture is to be sized. */
export interface Size {
  shortest_edge?: number;
  longest_edge?: number;
  height?: number;
  width?: number;
}

const square = (side: number): Size => ({ height: side, width: side });
const edge = (length: number): Size => ({ shortest_edge: length });

const BILINEAR = 2;
const BICUBIC = 3;
const HALF = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const OPENAI = {
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
};

type Defaults = Partial<ProcessorSettings> & Pick<ProcessorSettings, 'resample' | 'image_mean' | 'image_std'>;

const MOBILE_NET: Defaults = { size: edge(256), crop_size: square(224), resample: BILINEAR, ...HALF };
const CLIP: Defaults = { size: edge(224), crop_size: square(224), resample: BICUBIC, ...OPENAI };

/** What the processors of Python's `transformers` 5.24 take for settings that are not there, by their names. */
const DEFAULTS: Record<string, Defaults> = {
  Beit: { size: square(224), crop_size: square(224), do_center_crop: false, resample: BICUBIC, ...HALF },
  Bit: CLIP,
  ChineseCLIP: CLIP,
  CLIP,
  ConvNext: { size: edge(384), resample: BICUBIC, ...HALF },
  DeiT: { size: square(256), crop_size: square(224), resample: BICUBIC, ...HALF },
  DPT: { size: square(384), resample: BICUBIC, ...HALF },
  MobileNetV1: MOBILE_NET,
  MobileNetV2: MOBILE_NET,
  MobileViT: {
    size: edge(224),
    crop_size: square(256),
    resample: BICUBIC,
    do_normalize: false,
    do_flip_channel_order: true,
    ...HALF,
  },
  Pvt: { size: square(224), resample: BICUBIC, ...IMAGENET },
  Siglip: { size: square(224), resample: BICUBIC, ...HALF },
  ViT: { size: square(224), resample: BILINEAR, ...HALF },
};

/** Of these a size that is one number is that of the shorter edge, of others that of a square. */
const ONE_EDGE = /^(Bit|ChineseCLIP|CLIP|ConvNext|MobileNetV[12]|MobileViT)$/;

/**
 * The settings that differ from those in a preprocessor_config.json: what it leaves out, and a size that is one number.
 * @param config the file's content
 */
export function settledSettings(config: Record<string, unknown>): Partial<ProcessorSettings> {
  const type = String(config.image_processor_type ?? config.feature_extractor_type);
  const name = type.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, '');
  const settled: Partial<ProcessorSettings> = {};
  const defaults = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : undefined;
  if (defaults !== undefined)
    Object.assign(settled, {
      do_resize: true,
      do_center_crop: defaults.crop_size !== undefined,
      do_normalize: true,
      ...defaults,
    });
  for (const key of Object.keys(settled) as (keyof ProcessorSettings)[])
    if ((config[key] ?? config[key.replace('image_', '')]) != null) delete settled[key];
  const { size, resize_mode: ownMode, max_size: most } = config;
  if (typeof size === 'number' && ownMode === undefined && most === undefined)
    settled.size = ONE_EDGE.test(name) ? edge(size) : square(size);
  return settled;
}
