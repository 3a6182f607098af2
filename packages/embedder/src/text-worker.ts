import { CoresetError, type Tasks } from '@coreset/core';
import type { Embedded } from './embed.js';
import { embeddingTasks } from './embedding-tasks.js';
import { firstPosition } from './model-limits.js';
import { ModelSession, type Output } from './model-session.js';
import { modelJson } from './model-source.js';
import type { WorkerSettings } from './options.js';
import { poolTokens } from './pooling.js';
import { textInputs } from './text-inputs.js';
import { batches, readTexts } from './text-pieces.js';
import { TextTokenizer } from './text-tokenizer.js';

interface Loaded {
  tokenizer: TextTokenizer;
  session: ModelSession;
  /** The id of a text's first position. */
  firstPosition: number;
  /** Tokens of a text that run at once, beside those that the tokenizer adds. */
  room: number;
}

async function load(settings: WorkerSettings): Promise<Loaded> {
  const { folder } = settings.source;
  const tokenizer = new TextTokenizer(folder);
  const room = settings.maxTokens - tokenizer.added;
  if (room < 1) {
    throw new CoresetError(
      `maxTokens ${settings.maxTokens} leaves no room beside the ${tokenizer.added} tokens that the tokenizer adds to each text; use at least ${tokenizer.added + 1}`,
    );
  }
  const session = await ModelSession.open(settings);
  return { tokenizer, session, firstPosition: firstPosition(modelJson(folder, 'config.json') ?? {}), room };
}

/** Vectors of tokens, best first, and vectors of whole texts. */
const OUTPUTS = ['last_hidden_state', 'token_embeddings', 'sentence_embedding', 'text_embeds', 'pooler_output'];

async function run({ tokenizer, session, firstPosition }: Loaded, texts: number[][]): Promise<Output> {
  const width = texts.reduce((longest, ids) => Math.max(longest, ids.length), 0);
  const batch = { texts, width, paddingId: tokenizer.paddingId, firstPosition };
  const output = await session.run(textInputs(batch, session.inputs), OUTPUTS);
  const [rows, tokens] = output.dims;
  if (rows === texts.length && (output.dims.length === 2 || (output.dims.length === 3 && tokens === width)))
    return output;
  throw new CoresetError(
    `of ${texts.length} × ${width} tokens the model gives ${output.dims.join(' × ')} numbers, which are no vectors of tokens or texts`,
  );
}

/** The vector of one text of a batch. */
function pool(
  { data, dims }: Output,
  text: number,
  tokens: number,
  settings: WorkerSettings,
  target: Float32Array,
): void {
  const cols = target.length;
  if (dims.length === 2) target.set(data.subarray(text * cols, (text + 1) * cols));
  else poolTokens(data, text * dims[1] * cols, tokens, cols, settings.pooling, target);
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

/** Embed a few texts; rows of the result follow the order of the texts. */
async function embed(loaded: Loaded, settings: WorkerSettings, texts: string[]): Promise<Embedded> {
  const { tokenizer, room } = loaded;
  const { pieces, readings, empty } = readTexts(texts, tokenizer, room, settings.long);
  const means = new Means();
  let data = new Float32Array(0);
  let cols = 0;
  const setWidth = ({ dims }: Output): void => {
    if (cols > 0) return;
    cols = dims[dims.length - 1];
    data = new Float32Array(texts.length * cols);
  };
  for (const batch of batches(pieces, settings)) {
    // A long text under `mean` takes many inferences, and the thread is waited for.
    if (Atomics.load(settings.stopped, 0) === 1) throw new Error('embedding was stopped');
    const output = await run(
      loaded,
      batch.map(({ ids }) => ids),
    );
    setWidth(output);
    for (const [b, { row, ids, tokens }] of batch.entries()) {
      const isWhole = readings.tokens[row] <= room;
      const target = isWhole ? data.subarray(row * cols, (row + 1) * cols) : new Float32Array(cols);
      pool(output, b, ids.length, settings, target);
      if (!isWhole) means.add(row, target, tokens);
    }
  }
  if (pieces.length === 0) setWidth(await run(loaded, [[0]])); // the width is known only from what the model gives
  means.writeTo(data, cols);
  return { data, cols, readings, empty };
}

export function serve(settings: WorkerSettings): Tasks {
  return embeddingTasks(settings, load, embed);
}
