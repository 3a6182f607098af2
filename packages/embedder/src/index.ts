export { embedStream, embedTexts } from './embed-texts.js';
export { BUNDLED_MODEL, DTYPES, type Dtype, findModel, type ModelSource, modelFile } from './model-source.js';
export { type EmbedOptions, type ModelSettings, modelSettings } from './options.js';
export { POOLINGS, type Pooling } from './pooling.js';
