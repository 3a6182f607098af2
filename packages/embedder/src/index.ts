export { embedImages, embedStream, embedTexts, type Items } from './embed.js';
export { isImageFile } from './image-file.js';
export {
  BUNDLED_MODEL,
  DTYPES,
  type Dtype,
  findModel,
  MODALITIES,
  type Modality,
  type ModelSource,
  modelFiles,
  weightsFile,
} from './model-source.js';
export { type EmbedOptions, type ModelSettings, modelSettings } from './options.js';
export { POOLINGS, type Pooling } from './pooling.js';
