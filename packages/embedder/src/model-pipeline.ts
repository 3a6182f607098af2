import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { configFile, type Module, moduleFiles, POOLING } from './layers/layer.js';
import { hasFile, modelJson } from './model-json.js';
import { POOLINGS, type Pooling } from './pooling.js';

/** What the files of sentence-transformers in a model folder say of how texts become vectors. */
export interface Pipeline {
  /** How tokens become one vector, or several that stand one behind the other, and the file that says so; undefined where no file does. */
  pooling?: { modes: string[]; file: string };
  /** The most tokens of a text, special tokens included. */
  maxTokens?: number;
  /** Capitals do not count, whatever the tokenizer thinks of them. */
  lowerCase: boolean;
  /** What is set before each text. */
  prompt: string;
  /** The tokens of the prompt are in the vector. */
  pooledPrompt: boolean;
  /** Those that modules.json names, in their order; none where there is no such file. */
  modules: Module[];
}

/** Names of the library for what we call by another. */
const POOLING_NAMES: Record<string, Pooling> = { lasttoken: 'last' };

/** In files of earlier versions each has a field of its own. */
const POOLING_FIELDS: Record<string, string> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_mean_sqrt_len_tokens: 'mean_sqrt_len_tokens',
  pooling_mode_weightedmean_tokens: 'weightedmean',
  pooling_mode_lasttoken: 'lasttoken',
};

/** In the order in which the library looks for them; the first that is there counts. */
const TRANSFORMER_FILES = ['bert', 'roberta', 'distilbert', 'camembert', 'albert', 'xlm-roberta', 'xlnet'].map(
  (kind) => `sentence_${kind}_config.json`,
);

/** Names the layers of a model of sentence-transformers, and their folders. */
export const MODULES = 'modules.json';
/** Says what is set before each text. */
export const PROMPTS = 'config_sentence_transformers.json';

/**
 * The layers that modules.json names, in their order; none where it is not there.
 * @throws CoresetError when it cannot be read
 */
export function modulesOf(folder: string): Module[] {
  const modules = modelJson(folder, MODULES);
  if (modules === undefined) return [];
  if (!Array.isArray(modules)) throw new CoresetError(`cannot read ${join(folder, MODULES)}: it is no list of modules`);
  return modules.map((module: unknown) => {
    const { type, path = '' } = (module ?? {}) as Record<string, unknown>;
    if (typeof type !== 'string' || typeof path !== 'string')
      throw new CoresetError(
        `cannot read ${join(folder, MODULES)}: each module has a type and a path, which are texts`,
      );
    if (/^[/\\]|\.\./.test(path))
      throw new CoresetError(`cannot read ${join(folder, MODULES)}: ${path} is outside the folder of the model`);
    return { kind: type.split('.').at(-1) ?? '', path };
  });
}

function poolingOf(folder: string, module: Module): { modes: string[]; file: string; pooledPrompt: boolean } {
  const file = configFile(module);
  const config = modelJson(folder, file);
  if (config === undefined) throw new CoresetError(`model folder ${folder} lacks ${file}, which its ${MODULES} names`);
  const fields = Object.keys(POOLING_FIELDS).filter((field) => config[field] === true);
  const named = config.pooling_mode ?? fields.map((field) => POOLING_FIELDS[field]);
  const listed: unknown[] = Array.isArray(named) ? named : [named];
  if (Array.isArray(config) || !listed.every((name) => typeof name === 'string'))
    throw new CoresetError(`cannot read ${join(folder, file)}: it does not say in texts how tokens are pooled`);
  const modes = listed.length === 0 ? ['mean'] : (listed as string[]).map((name) => POOLING_NAMES[name] ?? name);
  return { modes, file, pooledPrompt: config.include_prompt !== false };
}

/** The paths inside a model folder that {@link readPipeline} may read, those that modules.json names included. */
export function pipelineFiles(folder: string): string[] {
  const modules = modulesOf(folder);
  if (modules.length === 0) return [MODULES];
  return [MODULES, PROMPTS, ...TRANSFORMER_FILES, ...modules.flatMap(moduleFiles)];
}

/**
 * Read what the files of sentence-transformers say; a model without modules.json has none that count.
 * @throws CoresetError naming the file that cannot be read
 */
export function readPipeline(folder: string): Pipeline {
  const modules = modulesOf(folder);
  if (modules.length === 0) return { lowerCase: false, prompt: '', pooledPrompt: true, modules };
  const at = modules.findIndex(({ kind }) => kind === POOLING);
  const pooling = at < 0 ? undefined : poolingOf(folder, modules[at]);
  const file = TRANSFORMER_FILES.find((name) => hasFile(folder, name));
  const transformer = (file && modelJson(folder, file)) || {};
  const length = transformer.max_seq_length;
  return {
    pooling: pooling && { modes: pooling.modes, file: pooling.file },
    maxTokens: typeof length === 'number' && length > 0 ? length : undefined,
    lowerCase: transformer.do_lower_case === true,
    prompt: defaultPrompt(folder),
    pooledPrompt: pooling?.pooledPrompt ?? true,
    modules,
  };
}

/**
 * What is set before each text: the prompt that is called the default; the library, too, refuses one that is not there.
 * @throws CoresetError naming the file
 */
export function defaultPrompt(folder: string): string {
  const { prompts, default_prompt_name: name } = modelJson(folder, PROMPTS) ?? {};
  if (name === undefined || name === null) return '';
  const found =
    typeof prompts === 'object' && prompts !== null && typeof name === 'string' && Object.hasOwn(prompts, name)
      ? (prompts as Record<string, unknown>)[name]
      : undefined;
  if (typeof found === 'string') return found;
  throw new CoresetError(
    `cannot read ${join(folder, PROMPTS)}: its default prompt ${JSON.stringify(name)} is no text among its prompts`,
  );
}

/**
 * How tokens become one vector, or several that stand one behind the other, where nobody asks for another way.
 * @throws CoresetError when the model does it in a way that is not offered
 */
export function ownPoolings({ pooling }: Pipeline, folder: string): Pooling[] {
  const modes = pooling?.modes ?? ['mean'];
  const unknown = modes.filter((mode) => !POOLINGS.includes(mode as Pooling));
  if (unknown.length === 0) return modes as Pooling[];
  throw new CoresetError(
    `the model in ${folder} pools its tokens by ${unknown.join(' and ')} (${pooling?.file}), which is not offered; choose --pooling ${POOLINGS.join(', ')}: its vectors are then others than its authors'`,
  );
}
