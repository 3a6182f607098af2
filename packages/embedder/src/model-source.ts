import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { CoresetError } from '@coreset/core';
import { hasFile, modelJson } from './model-json.js';
import { pipelineFiles } from './model-pipeline.js';
import { readOnnxOutline } from './onnx-file.js';
import { readStaticFolder, staticOptions, staticWeights } from './static/static-folder.js';

/** Number formats of a model's weights; each has its own file in the model's `onnx` folder. */
export type Dtype = keyof typeof FILE_SUFFIX;

const FILE_SUFFIX = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;

/** Whether products are of one-byte codes, which run on the processor whatever the device; those of floats do not. */
export function isOfCodes(dtype: Dtype): boolean {
  return dtype === 'q8' || dtype === 'int8' || dtype === 'uint8';
}

/** All dtypes that {@link EmbedOptions.dtype} accepts. */
export const DTYPES: Dtype[] = Object.keys(FILE_SUFFIX) as Dtype[];

/** A model in a folder of this machine. */
export interface LocalModel {
  kind: 'local';
  folder: string;
}

/** A model of the Hugging Face hub; its revision is a branch, a tag or a commit. */
export interface HubModel {
  kind: 'hub';
  id: string;
  revision: string;
}

/** Where a model comes from. */
export type ModelSource = LocalModel | HubModel;

/** The model in the package `@coreset/models` that is the default. */
export const BUNDLED_MODEL = 'all-MiniLM-L6-v2';

/** The models in the package `@coreset/models` by their names, each with its folder there. */
const BUNDLED_MODELS: Record<string, string> = {
  [BUNDLED_MODEL]: BUNDLED_MODEL,
  static: 'static-minilm',
  'static-minilm': 'static-minilm',
  'static-multilingual': 'static-multilingual',
};

/** Names of the bundled models, the default first. */
export const BUNDLED_NAMES: string[] = Object.keys(BUNDLED_MODELS);

const BUNDLED_FOLDER = dirname(createRequire(import.meta.url).resolve('@coreset/models/package.json'));

/** Whether a model is a bundled one. */
export function isBundled({ folder }: LocalModel): boolean {
  return dirname(folder) === BUNDLED_FOLDER && Object.values(BUNDLED_MODELS).includes(basename(folder));
}

function localSource(folder: string): LocalModel {
  return { kind: 'local', folder: resolve(folder) };
}

/** What is embedded: texts, or images in files. */
export type Modality = 'text' | 'image';

export const MODALITIES: Modality[] = ['text', 'image'];

/** Where weights may be inside a model folder, best first: models of images and texts have a file for each. */
export function weightFiles(dtype: Dtype, modality: Modality): string[] {
  const weights = `model${FILE_SUFFIX[dtype]}.onnx`;
  return modality === 'image' ? [`onnx/vision_${weights}`, `onnx/${weights}`] : [`onnx/${weights}`];
}

/** The path of the weights inside a model folder. */
export function weightsFile(folder: string, dtype: Dtype, modality: Modality): string {
  const files = weightFiles(dtype, modality);
  return files.find((file) => hasFile(folder, file)) ?? (files.at(-1) as string);
}

/** Whether a folder is a static model, which has no number formats to choose from, and is for texts alone. */
function isStatic(folder: string, modality: Modality): boolean {
  return modality === 'text' && readStaticFolder(folder) !== undefined;
}

/** The paths of what the folder of a model must hold that is no static one. */
export function requiredFiles(folder: string, dtype: Dtype, modality: Modality): string[] {
  const preparation = modality === 'text' ? 'tokenizer.json' : 'preprocessor_config.json';
  return ['config.json', preparation, weightsFile(folder, dtype, modality)];
}

/** What a model folder may hold beside, as far as that is known without what is there. */
export const OPTIONAL_FILES: Record<Modality, string[]> = {
  text: ['tokenizer_config.json', 'special_tokens_map.json'],
  image: [],
};

/**
 * Files beside the weights that hold a part of them, as weights above 2 GB do: paths inside the model folder.
 * @throws CoresetError when the weights are no ONNX model
 */
export function externalFiles(folder: string, weights: string, path: string = join(folder, weights)): string[] {
  return readOnnxOutline(path).external.map((location) => {
    if (isAbsolute(location) || location.split(/[/\\]/).includes('..'))
      throw new CoresetError(
        `the model ${path} keeps weights in ${location}, which is outside its folder; export it again`,
      );
    return `${dirname(weights)}/${location}`;
  });
}

/** The paths of all files inside a model folder that its vectors depend on. */
export function modelFiles(folder: string, dtype: Dtype, modality: Modality): string[] {
  if (isStatic(folder, modality))
    return [...staticWeights(folder), ...staticOptions(folder).filter((file) => hasFile(folder, file))];
  const needed = requiredFiles(folder, dtype, modality);
  const optional = [...OPTIONAL_FILES[modality], ...(modality === 'text' ? pipelineFiles(folder) : [])];
  const external = externalFiles(folder, weightsFile(folder, dtype, modality));
  return [...new Set([...needed, ...optional.filter((file) => hasFile(folder, file)), ...external])];
}

/** Dtypes of the weights that a folder has. */
function dtypesIn(folder: string, modality: Modality): Dtype[] {
  return DTYPES.filter((dtype) => hasFile(folder, weightsFile(folder, dtype, modality)));
}

function requireModelFiles(folder: string, dtype: Dtype, modality: Modality): void {
  const needed = requiredFiles(folder, dtype, modality);
  const missing = needed.filter((file) => !hasFile(folder, file));
  if (missing.length === 0) {
    const weights = weightsFile(folder, dtype, modality);
    const part = externalFiles(folder, weights).find((file) => !hasFile(folder, file));
    if (part === undefined) return;
    throw new CoresetError(`model folder ${folder} lacks ${part}, where ${weights} keeps its numbers; copy it too`);
  }
  const others = dtypesIn(folder, modality);
  const hint = others.length > 0 ? `; it has weights of dtype ${others.join(', ')}` : '';
  throw new CoresetError(
    `model folder ${folder} lacks ${missing.join(', ')}; it needs ${needed.join(', ')} (dtype ${dtype})${hint}`,
  );
}

/** The folder, or its name alone, of the model that is made in a clone. */
const MADE_HERE = /^(?:(?:.*[/\\])?models[/\\]multilingual-e5-small[/\\]?|multilingual(?:-e5-small)?)$/;

/** The branch that counts where no revision is named. */
const MAIN = 'main';
const HUB_ID = /^([\w-][\w.-]*\/[\w-][\w.-]*?)(?:@(\w[\w.-]*(?:\/\w[\w.-]*)*))?$/;

/**
 * Find a model: a bundled one by its name, whatever the working directory holds (`./NAME` is a folder there); else an
 * existing folder; else an id of the hub (`owner/name`, or `owner/name@revision`), which is asked only for names that are
 * neither.
 * @throws CoresetError when a folder lacks files, the name can be no hub id, or it is of a model that is yet to be made
 */
export function findModel(name: string, dtype: Dtype, modality: Modality = 'text'): ModelSource {
  if (!(dtype in FILE_SUFFIX)) throw new CoresetError(`dtype '${dtype}' is not known; use one of ${DTYPES.join(', ')}`);
  const path = BUNDLED_NAMES.includes(name) ? join(BUNDLED_FOLDER, BUNDLED_MODELS[name]) : name;
  const found = name === '' ? undefined : statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    if (!isStatic(path, modality)) requireModelFiles(path, dtype, modality);
    return localSource(path);
  }
  if (found) throw new CoresetError(`model ${name} is a file; name the folder that it is of`);
  if (MADE_HERE.test(name))
    throw new CoresetError(
      `model ${name} is not here: npm run model multilingual (in a clone of the repository) makes its folder, models/multilingual-e5-small, which --model then names`,
    );
  const [, id, revision = MAIN] = HUB_ID.exec(name) ?? [];
  if (id !== undefined) return { kind: 'hub', id, revision };
  throw new CoresetError(
    `model '${name}' is neither a folder here nor a hub id (owner/name or owner/name@revision); bundled are ${BUNDLED_NAMES.join(', ')}`,
  );
}

/** Whether a local model's config says that a text's vector has the same bits in any batch of texts of its length. */
export function isBatchInvariant(source: ModelSource): boolean {
  return source.kind === 'local' && modelJson(source.folder, 'config.json')?.coreset_batch_invariant === true;
}
