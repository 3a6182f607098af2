import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
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

/** Where a model comes from: a folder of this machine, or an id of the Hugging Face hub. */
export type ModelSource = { kind: 'local'; parent: string; id: string; folder: string } | { kind: 'hub'; id: string };

/** The model in the package `@coreset/models`. */
export const BUNDLED_MODEL = 'all-MiniLM-L6-v2';

const BUNDLED_FOLDER = dirname(createRequire(import.meta.url).resolve('@coreset/models/package.json'));

function localSource(folder: string): ModelSource {
  const absolute = resolve(folder);
  return { kind: 'local', parent: dirname(absolute), id: basename(absolute), folder: absolute };
}

/** What is embedded: texts, or images in files. */
export type Modality = 'text' | 'image';

export const MODALITIES: Modality[] = ['text', 'image'];

/** The path of the weights inside a model folder. */
export function weightsFile(folder: string, dtype: Dtype, modality: Modality): string {
  const weights = `model${FILE_SUFFIX[dtype]}.onnx`;
  // Models of images and texts have a file for each.
  const vision = `onnx/vision_${weights}`;
  return modality === 'image' && existsSync(join(folder, vision)) ? vision : `onnx/${weights}`;
}

/** The paths of all that is needed inside a model folder. */
export function modelFiles(folder: string, dtype: Dtype, modality: Modality): string[] {
  const preparation = modality === 'text' ? 'tokenizer.json' : 'preprocessor_config.json';
  return ['config.json', preparation, weightsFile(folder, dtype, modality)];
}

function requireModelFiles(folder: string, dtype: Dtype, modality: Modality): void {
  const needed = modelFiles(folder, dtype, modality);
  const missing = needed.filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) {
    throw new CoresetError(
      `model folder ${folder} lacks ${missing.join(', ')}; it needs ${needed.join(', ')} (dtype ${dtype})`,
    );
  }
}

/**
 * Find a model: an existing folder, the name of a bundled model, or else an id of the hub, which is asked
 * only for names that are neither (`owner/name`).
 * @throws CoresetError when a folder lacks files, or the name can be no hub id
 */
export function findModel(name: string, dtype: Dtype, modality: Modality = 'text'): ModelSource {
  if (!(dtype in FILE_SUFFIX)) throw new CoresetError(`dtype '${dtype}' is not known; use one of ${DTYPES.join(', ')}`);
  for (const folder of [name, join(BUNDLED_FOLDER, name)]) {
    if (name !== '' && existsSync(folder) && statSync(folder).isDirectory()) {
      requireModelFiles(folder, dtype, modality);
      return localSource(folder);
    }
  }
  if (/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(name)) return { kind: 'hub', id: name };
  throw new CoresetError(
    `model '${name}' is neither a folder here nor a hub id (owner/name); the bundled model is ${BUNDLED_MODEL}`,
  );
}

/** Whether a local model's config says that a text's vector has the same bits in any batch of texts of its length. */
export function isBatchInvariant(source: ModelSource): boolean {
  if (source.kind === 'hub') return false;
  const path = join(source.folder, 'config.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')).coreset_batch_invariant === true;
  } catch (error) {
    throw new CoresetError(`cannot read ${path}: ${messageOf(error)}`);
  }
}
