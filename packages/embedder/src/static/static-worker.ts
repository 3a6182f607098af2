import { join } from 'node:path';
import { CoresetError } from '@coreset/core';
import { type Embedded, type EmbeddingTasks, embeddingTasks } from '../embedding-tasks.js';
import type { Missing } from '../no-vector.js';
import type { WorkerSettings } from '../options.js';
import { TextTokenizer } from '../text-tokenizer.js';
import { meanOfTokens } from './mean-of-tokens.js';
import { type StaticFolder, staticTablePath } from './static-folder.js';
import { knownTokens, type TokenTable } from './token-table.js';

/** What a worker of static models is started with. */
export interface StaticSettings extends WorkerSettings {
  static: StaticFolder;
  table: TokenTable;
}

function open({ source: { folder }, static: model, table }: StaticSettings): TextTokenizer {
  const tokenizer = new TextTokenizer(join(folder, model.path));
  const known = knownTokens(table);
  if (tokenizer.size > known)
    throw new CoresetError(
      `the tokenizer of the model in ${folder} has ${tokenizer.size} tokens, and ${staticTablePath(folder, model)} vectors for ${known}; the two are of different models`,
    );
  return tokenizer;
}

/** Embed a few texts; rows of the result follow the order of the texts. */
function embed(tokenizer: TextTokenizer, settings: StaticSettings, texts: string[]): Embedded {
  const { table, maxTokens, static: model } = settings;
  const { cols } = table;
  const data = new Float32Array(texts.length * cols);
  const sums = new Float64Array(cols);
  const numbers = (): Int32Array => new Int32Array(texts.length);
  const readings = { tokens: numbers(), unknown: numbers(), lost: numbers() };
  const missing = new Map<number, Missing>();
  for (const [row, text] of texts.entries()) {
    const own = model.prompt + text;
    const { ids, lost } =
      maxTokens < Infinity ? tokenizer.head(own, maxTokens) : { ids: tokenizer.whole(own), lost: 0 };
    let count = 0;
    let unknown = 0;
    const { length } = ids;
    for (let t = 0; t < length; t++) {
      const isUnknown = ids[t] === tokenizer.unknownId;
      if (isUnknown) unknown++;
      if (!isUnknown || !model.dropsUnknown) ids[count++] = ids[t];
    }
    readings.tokens[row] = length;
    readings.unknown[row] = unknown;
    readings.lost[row] = lost;
    if (count > 0) meanOfTokens(table, ids, count, sums, data.subarray(row * cols, (row + 1) * cols));
    else missing.set(row, length > 0 ? 'unknown tokens' : 'no tokens');
  }
  return { data, rows: texts.length, cols, readings, missing };
}

export function serve(settings: StaticSettings): EmbeddingTasks {
  return embeddingTasks(
    settings,
    async () => open(settings),
    async (tokenizer, _, texts) => embed(tokenizer, settings, texts),
  );
}
