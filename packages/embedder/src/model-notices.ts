import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { commitOf } from './model-diagnostics.js';
import { modelJson } from './model-json.js';

import { BUNDLED_NAMES, isBundled, isOfCodes } from './model-source.js';

import type { EmbedOptions, LocalSettings } from './options.js';
import type { Pooling } from './pooling.js';

const POOLED: Record<Pooling, string> = {
  mean: 'the mean of all tokens',
  cls: 'the first token',
  last: 'the last token',
  max: 'the greatest number of each column',
  mean_sqrt_len_tokens: 'the sum of all tokens by the root of their number',
  weightedmean: 'the mean of all tokens, each with the weight of its place',
};

/** Where the pooling comes from. */
function reason(asked: Pooling | undefined, file: string | undefined): string {
  if (asked) return 'as asked';
  return file ? `as its ${file} says` : 'the default, since its files do not say';
}

/** A model as people call it; one of the hub with its commit. */
function nameOf(model: string | undefined, folder: string): string {
  const commit = commitOf(folder);
  return commit ? `${model} (commit ${commit.slice(0, 7)})` : `${model}`;
}

/** The end-of-text token that the configuration of the tokenizer promises and the tokenizer does not set. */
function missingEnd(folder: string): string | undefined {
  const config = modelJson(folder, 'tokenizer_config.json');
  if (config?.add_eos_token !== true) return undefined;
  const token = config.eos_token;
  const name = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
  const { post_processor: after } = modelJson(folder, 'tokenizer.json') ?? {};
  return typeof name === 'string' && !JSON.stringify(after ?? null).includes(JSON.stringify(name)) ? name : undefined;
}

/** What pooled vectors go through, and whether they are scaled. */
function behindPooling({ text, normalise }: LocalSettings, asked: boolean | undefined): string {
  const layers = text?.layers ?? [];
  const through =
    layers.length > 0 ? `, then ${layers.map(({ kind }) => kind).join(', ')} as its modules.json says` : '';
  if (normalise || asked !== undefined) return through;
  return `${through}, not scaled to length 1 (its modules.json has no Normalize at its end; --normalise does it)`;
}

/** What is set before each text. */
function prefixOf(prompt: string, asked: string | undefined): string {
  if (prompt === '') return '';
  return `; ${asked === undefined ? 'its prompt ' : ''}${JSON.stringify(prompt)} is set before each text`;
}

/** Names of models that were trained with a word before each text. */
const E5 = /(^|[^a-z0-9])e5([^a-z0-9]|$)/i;

/** A prefix that the model was trained with and that nobody gives. */
function missingPrefix(model: string | undefined, { source: { folder }, text }: LocalSettings): string | undefined {
  const named = modelJson(folder, 'config.json')?._name_or_path;
  const isE5 = [basename(model ?? ''), named].some((name) => typeof name === 'string' && E5.test(name));
  return isE5 && text?.pipeline.prompt === ''
    ? `${model} is by its name a model of the E5 family, which was trained with "query: " or "passage: " before each text: give --prefix "query: " (--prefix "" for none)`
    : undefined;
}

/** What people should know of a model before its vectors are made: a line each. */
export function modelNotices(settings: LocalSettings, options: EmbedOptions): string[] {
  const { source, text, poolings, dtype, device } = settings;
  const { model, pooling: asked, prefix } = options;
  if (model !== undefined && BUNDLED_NAMES.includes(model) && statSync(model, { throwIfNoEntry: false })?.isDirectory())
    return [`${model} is a bundled model; the folder of that name is meant by ./${model}`];
  if (settings.static && !isBundled(source)) {
    const length = settings.normalise ? ', scaled to length 1' : '';
    return [
      `vectors of the model ${nameOf(model, source.folder)} are the mean of those of a text's tokens${length}${prefixOf(settings.static.prompt, prefix)}`,
    ];
  }
  const notices: string[] = [];
  if (device !== 'cpu' && isOfCodes(dtype))
    notices.push(
      `weights of dtype ${dtype} run mostly on the processor, whatever the device: for ${device} choose a model with --dtype fp16 or fp32`,
    );
  if (text === undefined || isBundled(source)) return notices;
  const { output, perText, pipeline } = text;
  const name = nameOf(model, source.folder);
  const pooled = poolings.map((pooling) => POOLED[pooling]).join(' followed by ');
  const vectors = perText ? `its ${output}` : `${pooled} of its ${output} (${reason(asked, pipeline.pooling?.file)})`;
  notices.push(
    `vectors of the model ${name} are ${vectors}${behindPooling(settings, options.normalise)}${prefixOf(pipeline.prompt, prefix)}`,
  );
  const missing = prefix === undefined ? missingPrefix(model, settings) : undefined;
  if (missing !== undefined) notices.push(missing);
  const end = missingEnd(source.folder);
  if (end !== undefined)
    notices.push(
      `the model ${name} asks for ${end} behind each text (add_eos_token in tokenizer_config.json), which its tokenizer.json does not add, and so nobody does`,
    );
  return notices;
}
