import { CoresetError } from '@coreset/core';
import type { Embedded } from './embedding-tasks.js';
import { type EmbeddingTasks, embeddingTasks } from './embedding-tasks.js';
import { FittingBatches } from './fitting-batches.js';
import { colsBehind, loadLayers } from './layers/load-layers.js';
import { modelJson } from './model-json.js';
import { firstPosition } from './model-limits.js';
import { ModelSession, type Output } from './model-session.js';
import type { WorkerSettings } from './options.js';
import { poolAll } from './pooling.js';
import { textFailure } from './text-failure.js';
import { textInputs } from './text-inputs.js';
import type { TextModel } from './text-model.js';
import { batches, type Piece, type Prompt, readTexts } from './text-pieces.js';
import { TextTokenizer } from './text-tokenizer.js';

interface Loaded {
  tokenizer: TextTokenizer;
  session: ModelSession;
  model: TextModel;
  /** The id of a text's first position. */
  firstPosition: number;
  /** Tokens of a text that run at once, beside those that the tokenizer adds. */
  room: number;
  prompt: Prompt;
  fitting: FittingBatches;
  /** What a pooled vector goes through; undefined where that is nothing. */
  layers?: (vector: Float32Array) => Float32Array;
}

async function load(settings: WorkerSettings): Promise<Loaded> {
  const { folder } = settings.source;
  const model = settings.text as TextModel;
  const { pipeline, width, hidesPadding } = model;
  const tokenizer = new TextTokenizer(folder, pipeline.lowerCase);
  const room = settings.maxTokens - tokenizer.added;
  if (room < 1) {
    throw new CoresetError(
      `maxTokens ${settings.maxTokens} leaves no room beside the ${tokenizer.added} tokens that the tokenizer adds to each text; use at least ${tokenizer.added + 1}`,
    );
  }
  if (width !== undefined && !hidesPadding) {
    throw new CoresetError(
      `the model in ${folder} takes texts of ${width} tokens alone and has no attention_mask, so that padding would count; export it with a free number of tokens`,
    );
  }
  const promptTokens = pipeline.prompt === '' ? 0 : tokenizer.whole(pipeline.prompt).length;
  if (promptTokens >= room) {
    throw new CoresetError(
      `${JSON.stringify(pipeline.prompt)}, which is set before each text, has ${promptTokens} tokens, and of a text ${room} count beside those that the tokenizer adds: nothing is left of the texts; shorten it (--prefix) or raise --max-tokens`,
    );
  }
  const session = await ModelSession.open(settings);
  const skipped = promptTokens === 0 || pipeline.pooledPrompt ? 0 : tokenizer.before.length + promptTokens;
  return {
    tokenizer,
    session,
    model,
    firstPosition: firstPosition(modelJson(folder, 'config.json') ?? {}),
    room,
    prompt: { text: pipeline.prompt, skipped },
    fitting: new FittingBatches(settings.batchSize),
    layers: model.layers.length > 0 ? loadLayers(folder, model.layers) : undefined,
  };
}

async function run({ tokenizer, session, firstPosition, model }: Loaded, pieces: number[][]): Promise<Output> {
  const width = model.width ?? pieces.reduce((longest, ids) => Math.max(longest, ids.length), 0);
  // What is left of a fixed number of texts says what the first says.
  const texts = Array.from({ length: model.batch ?? pieces.length }, (_, text) => pieces[text] ?? pieces[0]);
  const batch = { texts, width, paddingId: tokenizer.paddingId, firstPosition };
  const output = await session.run(textInputs(batch, session.inputs), [model.output], (line) =>
    textFailure(line, batch),
  );
  const [rows, tokens] = output.dims;
  if (rows === texts.length && output.dims.length === (model.perText ? 2 : 3) && (model.perText || tokens === width))
    return output;
  throw new CoresetError(
    `of ${texts.length} × ${width} tokens the model's ${model.output} has ${output.dims.join(' × ')} numbers, which are no vectors of ${model.perText ? 'texts' : 'tokens'}`,
  );
}

/** The vector of one text of a batch, behind all layers. */
function vectorOf(
  { data, dims }: Output,
  text: number,
  { ids, skipped }: Piece,
  { layers }: Loaded,
  { poolings }: WorkerSettings,
  target: Float32Array,
): void {
  const width = dims[dims.length - 1];
  const isDirect = layers === undefined;
  if (dims.length === 2) {
    const own = data.subarray(text * width, (text + 1) * width);
    target.set(isDirect ? own : layers(own));
    return;
  }
  const first = (text * dims[1] + skipped) * width;
  const pooled = isDirect ? target : new Float32Array(width * poolings.length);
  poolAll({ hidden: data, first, tokens: ids.length - skipped, width, before: skipped }, poolings, pooled);
  if (!isDirect) target.set(layers(pooled));
}

/** The weighted mean of the vectors of a text's pieces. */
class Means {
  private readonly sums = new Map<number, { total: Float64Array; weight: number }>();

  add(row: number, vector: Float32Array, weight: number): void {
    const sum = this.sums.get(row) ?? { total: new Float64Array(vector.length), weight: 0 };
    this.sums.set(row, sum);
    for (let c = 0; c < vector.length; c++) sum.total[c] += weight * vector[c];
    sum.weight += weight;
  }

  writeTo(data: Float32Array, cols: number): void {
    for (const [row, { total, weight }] of this.sums)
      for (let c = 0; c < cols; c++) data[row * cols + c] = total[c] / weight;
  }
}

/** Columns of the vectors that become of what the model gives. */
function colsOf({ text, poolings }: WorkerSettings, dims: readonly number[]): number {
  const width = dims[dims.length - 1];
  return colsBehind(text?.layers ?? [], dims.length === 2 ? width : width * poolings.length);
}

/** Embed a few texts; rows of the result follow the order of the texts. */
async function embed(loaded: Loaded, settings: WorkerSettings, texts: string[]): Promise<Embedded> {
  const { tokenizer, room, prompt } = loaded;
  const { pieces, readings, empty } = readTexts(texts, tokenizer, room, settings.long, prompt);
  const means = new Means();
  let data = new Float32Array(0);
  let cols = 0;
  const setWidth = ({ dims }: Output): void => {
    if (cols > 0) return;
    cols = colsOf(settings, dims);
    data = new Float32Array(texts.length * cols);
  };
  for (const neighbours of batches(pieces, settings))
    await loaded.fitting.run(neighbours, async (batch) => {
      // A long text under `mean` takes many inferences, and the thread is waited for.
      if (Atomics.load(settings.stopped, 0) === 1) throw new Error('embedding was stopped');
      const output = await run(
        loaded,
        batch.map(({ ids }) => ids),
      );
      setWidth(output);
      for (const [b, piece] of batch.entries()) {
        const { row, tokens } = piece;
        const isWhole = readings.tokens[row] <= room;
        const target = isWhole ? data.subarray(row * cols, (row + 1) * cols) : new Float32Array(cols);
        vectorOf(output, b, piece, loaded, settings, target);
        if (!isWhole) means.add(row, target, tokens);
      }
    });
  if (pieces.length === 0) setWidth(await run(loaded, [[0]])); // the width is known only from what the model gives
  means.writeTo(data, cols);
  return { data, rows: texts.length, cols, readings, missing: new Map(empty.map((row) => [row, 'no tokens'])) };
}

export function serve(settings: WorkerSettings): EmbeddingTasks {
  return embeddingTasks(settings, load, embed);
}
