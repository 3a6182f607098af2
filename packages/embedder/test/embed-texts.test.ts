import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, readNpyMatrix, rowOf } from '@coreset/core';
import { embedStream, embedTexts } from '@coreset/embedder';
import { expect, test } from 'vitest';
import { corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';

const texts = corpusRows(200).map(({ text }) => text);

function cosine(a: Matrix, b: Matrix, i: number): number {
  return rowOf(a, i).reduce((sum, value, c) => sum + value * rowOf(b, i)[c], 0);
}

test('the bundled int8 model agrees with the fp32 reference on each of the 200 rows', async () => {
  const reference = readNpyMatrix(join(ROOT, 'models/reference-embeddings-fp32.npy'));
  const embeddings = await embedTexts(texts);
  const cosines = texts.map((_, i) => cosine(embeddings, reference, i));
  expect(embeddings).toMatchObject({ rows: 200, cols: 384 });
  expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.994);
  expect(cosines.reduce((sum, value) => sum + value, 0) / 200).toBeGreaterThanOrEqual(0.997);
});

test('a row depends on its text alone: not on threads, order or companions', async () => {
  const few = texts.slice(0, 70);
  const embeddings = await embedTexts(few, { threads: 1 });
  const reversed = await embedTexts([...few].reverse(), { threads: 2 });
  for (let i = 0; i < few.length; i++) expect(rowOf(reversed, few.length - 1 - i)).toEqual(rowOf(embeddings, i));
});

test('a text that repeats gets the vector of the first', async () => {
  const which = [0, 1, 0, 2, 2, 1, 3, 0, 0];
  const done: number[] = [];
  const repeating = await embedTexts(
    which.map((i) => texts[i]),
    { onProgress: (progress) => done.push(progress.done, progress.total ?? Number.NaN) },
  );
  const expected = await embedTexts(texts.slice(0, 4));
  which.forEach((text, row) => {
    expect(rowOf(repeating, row)).toEqual(rowOf(expected, text));
  });
  expect(done.slice(-2)).toEqual([9, 9]);
});

test('larger batches give nearly the same vectors, in the order of the texts', async () => {
  const few = texts.slice(0, 40);
  const one = await embedTexts(few);
  const batched = await embedTexts(few, { batchSize: 16 });
  for (let i = 0; i < few.length; i++) expect(cosine(one, batched, i)).toBeGreaterThan(0.999);
});

test('pooling, truncation and scaling are options', async () => {
  const long = 'editor '.repeat(100);
  const [cls, mean, cut] = await Promise.all([
    embedTexts([long], { pooling: 'cls' }),
    embedTexts([long]),
    embedTexts([long], { maxTokens: 8 }),
  ]);
  expect(cosine(cls, mean, 0)).toBeLessThan(0.999);
  expect(cosine(cut, mean, 0)).toBeLessThan(0.999);
  const raw = await embedTexts([long], { normalise: false });
  const length = Math.sqrt(raw.data.reduce((sum, value) => sum + value * value, 0));
  expect(Math.abs(length - 1)).toBeGreaterThan(0.05);
});

test('a stream is embedded as it comes, with progress', async () => {
  async function* source() {
    yield* texts.slice(0, 100);
  }
  const seen: number[] = [];
  let rows = 0;
  for await (const block of embedStream(source(), { onProgress: ({ done }) => seen.push(done) })) rows += block.rows;
  expect(rows).toBe(100);
  expect(seen.at(-1)).toBe(100);
  expect((await embedTexts([])).rows).toBe(0);
});

test('an abort stops the work with its reason', async () => {
  const controller = new AbortController();
  const endless = (function* () {
    for (;;) yield 'the same text again and again';
  })();
  setTimeout(() => controller.abort(new Error('enough')), 700);
  await expect(embedTexts(endless, { signal: controller.signal })).rejects.toThrow('enough');
});

test('what is wrong is said in one line', async () => {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  await expect(embedTexts(['a'], { model: folder })).rejects.toThrow(
    /lacks config.json, tokenizer.json, onnx\/model_quantized.onnx/,
  );
  await expect(embedTexts(['a'], { model: './no-such-folder' })).rejects.toThrow(/neither a folder here nor a hub id/);
  await expect(embedTexts(['a', 7 as unknown as string])).rejects.toThrow(/row 1 is number, not a text/);
  await expect(embedTexts(['a'], { batchSize: 0 })).rejects.toThrow(/batchSize must be a whole number of at least 1/);
  await expect(embedTexts(['a'], { dtype: 'q3' as 'q8' })).rejects.toThrow(/dtype 'q3' is not known/);
  mkdirSync(join(folder, 'onnx'));
  const bundled = join(ROOT, 'models/all-MiniLM-L6-v2');
  cpSync(join(bundled, 'onnx/model_quantized.onnx'), join(folder, 'onnx/model_quantized.onnx'));
  for (const file of ['config.json', 'tokenizer.json']) writeFileSync(join(folder, file), '{}');
  await expect(embedTexts(['a'], { model: folder })).rejects.toThrow(
    /cannot use the tokenizer of the model in .*model/,
  );
  cpSync(join(bundled, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  writeFileSync(join(folder, 'onnx/model_quantized.onnx'), '{}');
  await expect(embedTexts(['a'], { model: folder })).rejects.toThrow(/cannot read the model .*it holds no ONNX model/);
});
