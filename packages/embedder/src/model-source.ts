import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { CoresetError, messageOf } from '@coreset/core';

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

/** All dtypes that {@link EmbedOptions.dtype} accepts. */
export const DTYPES: Dtype[] = Object.keys(FILE_SUFFIX) as Dtype[];

/** A model in a folder of this machine. */
export interface LocalModel {
  kind: 'local';
  folder: string;
}

/** Where a model comes from: a folder of this machine, or an id of the Hugging Face hub. */
export type ModelSource = LocalModel | { kind: 'hub'; id: string };

/** The model in the package `@coreset/models`. */
export const BUNDLED_MODEL = 'all-MiniLM-L6-v2';

const BUNDLED_FOLDER = dirname(createRequire(import.meta.url).resolve('@coreset/models/package.json'));

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
  return files.find((file) => existsSync(join(folder, file))) ?? (files.at(-1) as string);
}

/** The paths of what a model folder must hold. */
export function requiredFiles(folder: string, dtype: Dtype, modality: Modality): string[] {
  const preparation = modality === 'text' ? 'tokenizer.json' : 'preprocessor_config.json';
  return ['config.json', preparation, weightsFile(folder, dtype, modality)];
}

/** What a model folder may hold beside; weights above 2 GB lie in files of their own, such as `model.onnx_data`. */
export const OPTIONAL_FILES: Record<Modality, string[]> = {
  text: ['tokenizer_config.json', 'special_tokens_map.json'],
  image: [],
};

/** The paths of all files inside a model folder that its vectors depend on. */
export function modelFiles(folder: string, dtype: Dtype, modality: Modality): string[] {
  const weights = weightsFile(folder, dtype, modality);
  const data = readdirSync(join(folder, dirname(weights)))
    .map((name) => `${dirname(weights)}/${name}`)
    .filter((path) => path.startsWith(weights) && path !== weights && !path.endsWith('.part'))
    .sort();
  const optional = OPTIONAL_FILES[modality].filter((file) => existsSync(join(folder, file)));
  return [...requiredFiles(folder, dtype, modality), ...optional, ...data];
}

/** Dtypes of the weights that a folder has. */
function dtypesIn(folder: string, modality: Modality): Dtype[] {
  return DTYPES.filter((dtype) => existsSync(join(folder, weightsFile(folder, dtype, modality))));
}

function requireModelFiles(folder: string, dtype: Dtype, modality: Modality): void {
  const needed = requiredFiles(folder, dtype, modality);
  const missing = needed.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return;
  const others = dtypesIn(folder, modality);
  const hint = others.length > 0 ? `; it has weights of dtype ${others.join(', ')}` : '';
  throw new CoresetError(
    `model folder ${folder} lacks ${missing.join(', ')}; it needs ${needed.join(', ')} (dtype ${dtype})${hint}`,
  );
}

/**
 * Find a model: the bundled one by its name, whatever the working directory holds (`./NAME` is a folder there); else an
 * existing folder; else an id of the hub, which is asked only for names that are neither (`owner/name`).
 * @throws CoresetError when a folder lacks files, or the name can be no hub id
 */
export function findModel(name: string, dtype: Dtype, modality: Modality = 'text'): ModelSource {
  if (!(dtype in FILE_SUFFIX)) throw new CoresetError(`dtype '${dtype}' is not known; use one of ${DTYPES.join(', ')}`);
  const path = name === BUNDLED_MODEL ? join(BUNDLED_FOLDER, name) : name;
  const found = name === '' ? undefined : statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    requireModelFiles(path, dtype, modality);
    return localSource(path);
  }
  if (found)
    throw new CoresetError(`model ${name} is a file; name the folder with config.json and onnx/ that it is of`);
  if (/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name)) return { kind: 'hub', id: name };
  throw new CoresetError(
    `model '${name}' is neither a folder here nor a hub id (owner/name); the bundled model is ${BUNDLED_MODEL}`,
  );
}

/**
 * A JSON file of a model folder.
 * @returns undefined where there is none
 * @throws CoresetError naming the file when it is no JSON object
 */
export function modelJson(folder: string, file: string): Record<string, unknown> | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new CoresetError(`cannot read ${path}: ${messageOf(error)}`);
  }
  throw new CoresetError(`cannot read ${path}: it is no JSON object`);
}

/** Whether a local model's config says that a text's vector has the same bits in any batch of texts of its length. */
export function isBatchInvariant(source: ModelSource): boolean {
  return source.kind === 'local' && modelJson(source.folder, 'config.json')?.coreset_batch_invariant === true;
}
