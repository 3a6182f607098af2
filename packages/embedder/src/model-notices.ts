import { statSync } from 'node:fs';
import { commitOf } from './model-diagnostics.js';
import { modelJson } from './model-json.js';
import { BUNDLED_NAMES, isBundled } from './model-source.js';
import type { EmbedOptions, LocalSettings } from './options.js';
import type { Pooling } from './pooling.js';

const POOLED: Record<Pooling, string> = {
  mean: 'the mean of all tokens',
  cls: 'the first token',
  last: 'the last token',
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

function setBefore(prompt: string): string {
  return prompt ? `; its prompt ${JSON.stringify(prompt)} is set before each text` : '';
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

/** What people should know of a model before its vectors are made: a line each. */
export function modelNotices(settings: LocalSettings, { model, pooling: asked }: EmbedOptions): string[] {
  const { source, text, pooling } = settings;
  const ofStatic = settings.static;
  if (model !== undefined && BUNDLED_NAMES.includes(model) && statSync(model, { throwIfNoEntry: false })?.isDirectory())
    return [`${model} is a bundled model; the folder of that name is meant by ./${model}`];
  if (ofStatic && !isBundled(source)) {
    const length = settings.normalise ? ', scaled to length 1' : '';
    return [
      `vectors of the model ${nameOf(model, source.folder)} are the mean of those of a text's tokens${length}${setBefore(ofStatic.prompt)}`,
    ];
  }
  if (text === undefined || isBundled(source)) return [];
  const { output, perText, pipeline } = text;
  const name = nameOf(model, source.folder);
  const vectors = perText
    ? `its ${output}`
    : `${POOLED[pooling]} of its ${output} (${reason(asked, pipeline.pooling?.file)})`;
  const notices = [`vectors of the model ${name} are ${vectors}${setBefore(pipeline.prompt)}`];
  if (pipeline.further.length > 0 && output !== 'sentence_embedding') {
    const layers = pipeline.further.join(', ');
    notices.push(
      `the model ${name} goes on with ${layers} (modules.json), of which nothing is used: its authors' vectors are others; an ONNX file that gives sentence_embedding has all of it`,
    );
  }
  const end = missingEnd(source.folder);
  if (end !== undefined)
    notices.push(
      `the model ${name} asks for ${end} behind each text (add_eos_token in tokenizer_config.json), which its tokenizer.json does not add, and so nobody does`,
    );
  return notices;
}
