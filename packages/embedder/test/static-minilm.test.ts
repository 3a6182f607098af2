import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Matrix, readNpyMatrix } from '@coreset/core';
import { expect, test } from 'vitest';
import { embedTexts } from '../dist/index.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MODEL = `${ROOT}models/static-minilm`;

/** Cosines of all pairs of rows of unit length. */
function cosinesOf({ data, rows, cols }: Matrix): number[] {
  const cosines: number[] = [];
  for (let a = 0; a < rows; a++)
    for (let b = 0; b < a; b++) {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += data[a * cols + c] * data[b * cols + c];
      cosines.push(sum);
    }
  return cosines;
}

/** Ranks from 0 to 1; equal values as they come. */
function ranksOf(values: number[]): number[] {
  const ranks = new Array<number>(values.length);
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  order.forEach((i, rank) => {
    ranks[i] = rank / (values.length - 1);
  });
  return ranks;
}

/** Spearman's correlation, of values without ties. */
function rankCorrelation(a: number[], b: number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  return 12 * (x.reduce((sum, rank, i) => sum + rank * y[i], 0) / x.length - 1 / 4);
}

test('what the transformer finds alike, the static model does: descriptions of packages that it was not fitted on', async () => {
  const transformer = readNpyMatrix(`${ROOT}models/reference-embeddings-fp32.npy`);
  const corpus = await readFile(`${ROOT}test/corpora/debian-packages-12k.jsonl`, 'utf8');
  const lines = corpus.split('\n').slice(0, transformer.rows);
  const model = await embedTexts(
    lines.map((line) => JSON.parse(line).text),
    { model: MODEL },
  );
  expect(model.cols).toBe(256);
  expect(rankCorrelation(cosinesOf(model), cosinesOf(transformer))).toBeGreaterThan(0.55);
});

test('it is at most 10 MB, with its licence', async () => {
  const files = await readdir(MODEL);
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'MODEL_CARD.md']));
  expect(files.reduce((sum, file) => sum + statSync(`${MODEL}/${file}`).size, 0)).toBeLessThan(10_000_000);
});
