export { CACHE_OPTIONS, type CacheOptions, checkCache } from './cache/cache-options.js';
export { inCache } from './cache/known-items.js';
export { hashModelFiles } from './cache/model-fingerprint.js';
export { type EmbeddingWorkload, embeddingCost } from './cost.js';
export { DistinctTexts, type Repeats } from './distinct-texts.js';
export { type EmbeddedBlock, embedImages, embedStream, embedTexts, type Items } from './embed.js';
export { imageProblem } from './image-file.js';
export { modelDiagnostics, modelTitle } from './model-diagnostics.js';
export { type ModelSize, modelSize } from './model-size.js';
export {
  BUNDLED_MODEL,
  BUNDLED_NAMES,
  DTYPES,
  type Dtype,
  findModel,
  type HubModel,
  type LocalModel,
  MODALITIES,
  type Modality,
  type ModelSource,
  modelFiles,
} from './model-source.js';
export { NoVector } from './no-vector.js';
export {
  EMBED_OPTIONS,
  type EmbedOptions,
  LONGS,
  type LocalSettings,
  type Long,
  localSettings,
  type ModelSettings,
  modelSettings,
  type OnEmpty,
} from './options.js';
export { POOLINGS, type Pooling } from './pooling.js';
export {
  addReadings,
  emptySummary,
  imageNotices,
  type ReadingSummary,
  readingNotices,
  type TextReadings,
} from './readings.js';
export { countLetters } from './script-watch.js';
