import { join } from 'node:path';
import { CoresetError, readSafetensorsHeader } from '@coreset/core';
import { hasFile, modelJson } from '../model-json.js';
import { defaultPrompt, MODULES, modulesOf, PROMPTS } from '../model-pipeline.js';

/** Where a static model is inside its folder, and how it makes one vector of the tokens of a text. */
export interface StaticFolder {
  /** The folder of table and tokenizer inside the model folder; empty where it is the same. */
  path: string;
  /** The tensor of the file that has a row per token. */
  tensor: 'embeddings' | 'embedding.weight';
  /** Its authors scale vectors to length 1. */
  normalise: boolean;
  /** The unknown token does not count, as in Model2Vec; in sentence-transformers it does. */
  dropsUnknown: boolean;
  /** What is set before each text. */
  prompt: string;
}

const WEIGHTS = 'model.safetensors';
const TOKENIZER = 'tokenizer.json';
const TOKENIZER_CONFIG = 'tokenizer_config.json';

/** What sentence-transformers calls a table of one vector per token. */
const STATIC = 'StaticEmbedding';
const SCALES = 'Normalize';

/** Whether the configuration of a model says that Model2Vec made it. */
function isModel2Vec({ model_type: type, architectures }: Record<string, unknown>): boolean {
  return type === 'model2vec' || (Array.isArray(architectures) && architectures.includes('StaticModel'));
}

function inFolder(path: string, file: string): string {
  return path === '' ? file : `${path}/${file}`;
}

function hasTensor(path: string, tensor: string): boolean {
  return readSafetensorsHeader(path).tensors.some(({ name }) => name === tensor);
}

/** Where modules.json, else config.json, says that the table is, else the files themselves; undefined of another model. */
function placeOf(folder: string): string | undefined {
  const modules = modulesOf(folder);
  if (modules.length > 0) return modules[0].kind === STATIC ? modules[0].path.replace(/^\.?\/*|\/+$/g, '') : undefined;
  if (isModel2Vec(modelJson(folder, 'config.json') ?? {})) return '';
  const isAlone = hasFile(folder, WEIGHTS) && hasFile(folder, TOKENIZER);
  return isAlone && hasTensor(join(folder, WEIGHTS), 'embeddings') ? '' : undefined;
}

/** Whether the files that come first, config.json and modules.json, say that a model is static. */
export function isStaticByConfig(folder: string): boolean {
  const [first] = modulesOf(folder);
  return first === undefined ? isModel2Vec(modelJson(folder, 'config.json') ?? {}) : first.kind === STATIC;
}

/** The paths inside the folder of a static model of what it must hold. */
export function staticWeights(folder: string): string[] {
  const path = placeOf(folder) ?? '';
  return [inFolder(path, TOKENIZER), inFolder(path, WEIGHTS)];
}

/** The paths inside the folder of a static model of what it may hold beside. */
export function staticOptions(folder: string): string[] {
  return ['config.json', MODULES, PROMPTS, inFolder(placeOf(folder) ?? '', TOKENIZER_CONFIG)];
}

/**
 * Find out whether a folder is a static model, as Model2Vec or sentence-transformers save it, and how it is used.
 * @returns undefined where it is none
 * @throws CoresetError when it is one and cannot be used
 */
export function readStaticFolder(folder: string): StaticFolder | undefined {
  const path = placeOf(folder);
  if (path === undefined) return undefined;
  const needed = staticWeights(folder);
  const missing = needed.filter((file) => !hasFile(folder, file));
  if (missing.length > 0)
    throw new CoresetError(
      `model folder ${folder} lacks ${missing.join(', ')}; a static model needs ${needed.join(', ')}`,
    );
  const names = readSafetensorsHeader(join(folder, inFolder(path, WEIGHTS))).tensors.map(({ name }) => name);
  const tensor = (['embeddings', 'embedding.weight'] as const).find((name) => names.includes(name));
  if (tensor === undefined)
    throw new CoresetError(
      `cannot read ${join(folder, inFolder(path, WEIGHTS))}: it holds ${names.join(', ') || 'nothing'}, not embeddings or embedding.weight`,
    );
  const [, ...further] = modulesOf(folder).map(({ kind }) => kind);
  const other = further.find((kind) => kind !== SCALES);
  if (other !== undefined)
    throw new CoresetError(
      `the static model in ${folder} goes on with ${other} (${MODULES}), which is not offered; use another model`,
    );
  const isOfModel2Vec = tensor === 'embeddings';
  const config = modelJson(folder, 'config.json') ?? {};
  return {
    path,
    tensor,
    normalise: isOfModel2Vec && 'normalize' in config ? config.normalize === true : further.includes(SCALES),
    dropsUnknown: isOfModel2Vec,
    prompt: defaultPrompt(folder),
  };
}

/** The path of a static model's table. */
export function staticTablePath(folder: string, { path }: StaticFolder): string {
  return join(folder, inFolder(path, WEIGHTS));
}
