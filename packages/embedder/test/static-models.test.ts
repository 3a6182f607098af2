import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Diagnostics, rowOf } from '@coreset/core';
import {
  type EmbedOptions,
  embeddingCost,
  embedStream,
  embedTexts,
  modelFiles,
  modelSettings,
  modelSize,
} from '@coreset/embedder';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';

const FOLDER = join(ROOT, 'models/tiny-static');
const WORDPIECE = join(FOLDER, 'wordpiece');

/** A copy of a model with files changed; null: without the file. */
function changed(name: string, files: Record<string, object | Buffer | null>): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(join(FOLDER, name), folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    if (content === null) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
  return folder;
}

/** A safetensors file. */
function tensors(entries: Record<string, { dtype: string; shape: number[]; bytes: Buffer }>): Buffer {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(entries).map(([name, { dtype, shape, bytes }]) => [
      name,
      { dtype, shape, data_offsets: [end, (end += bytes.length)] },
    ]),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...Object.values(entries).map(({ bytes }) => bytes)]);
}

const floats = (values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const JSON_OF = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

async function toldOf(
  texts: string[],
  options: EmbedOptions,
): Promise<{ notices: string[]; diagnostics: Diagnostics }> {
  const notices: string[] = [];
  const diagnostics: Diagnostics = {};
  await embedTexts(texts, {
    ...options,
    threads: 1,
    onNotice: (notice) => notices.push(notice),
    onDiagnostics: (_, told) => Object.assign(diagnostics, told),
  });
  return { notices, diagnostics };
}

describe('a static model', () => {
  test('gives one row per text, the same with any number of threads', async () => {
    const texts = Array.from({ length: 700 }, (_, i) => `The editor opens a file ${i} of ${i % 13} rows`);
    const one = await embedTexts(texts, { model: WORDPIECE, threads: 1 });
    expect(await embedTexts(texts, { model: WORDPIECE, threads: 3 })).toEqual(one);
    expect([one.rows, one.cols]).toEqual([700, 8]);
    expect(Math.hypot(...rowOf(one, 5))).toBeCloseTo(1, 6);
  });

  test('follows its config on the length of vectors, unless asked otherwise', async () => {
    const [length] = [Math.hypot(...(await embedTexts(['a river boat'], { model: join(FOLDER, 'unigram') })).data)];
    expect(Math.abs(length - 1)).toBeGreaterThan(0.01);
    const asked = await embedTexts(['a river boat'], { model: join(FOLDER, 'unigram'), normalise: true });
    expect(Math.hypot(...asked.data)).toBeCloseTo(1, 6);
    const silent = changed('wordpiece', { 'config.json': { model_type: 'model2vec' }, 'modules.json': null });
    const plain = await embedTexts(['a river boat'], { model: silent });
    expect(Math.abs(Math.hypot(...plain.data) - 1)).toBeGreaterThan(0.01);
  });

  test('reads a text to its end, or as many tokens as asked', async () => {
    const [short, long] = ['a', `a${' river'.repeat(2000)}`];
    const vectors = await embedTexts([short, long], { model: WORDPIECE });
    expect(rowOf(vectors, 0)).not.toEqual(rowOf(vectors, 1));
    const { notices, diagnostics } = await toldOf([short, long], { model: WORDPIECE, maxTokens: 1 });
    expect(notices).toEqual([
      `vectors of the model ${WORDPIECE} are the mean of those of a text's tokens, scaled to length 1`,
      expect.stringMatching(
        /^1 of 2 rows have more than 1 tokens; .*: without --max-tokens the model reads all of it$/,
      ),
    ]);
    expect(diagnostics).toMatchObject({ maxTokens: 1, cutRows: 1, table: '242 × 8 float32', unknownTokens: 'dropped' });
    const cut = await embedTexts([short, long], { model: WORDPIECE, maxTokens: 1 });
    expect(rowOf(cut, 0)).toEqual(rowOf(cut, 1));
    expect((await toldOf([long], { model: WORDPIECE })).diagnostics).toMatchObject({ maxTokens: null, cutRows: 0 });
  });

  test('has no vector of a text without a token that it knows', async () => {
    await expect(embedTexts(['boat', '😀😀'], { model: WORDPIECE })).rejects.toThrow(
      /^row 1 \("😀😀"\): the model knows no token of it; leave the row out or use another model$/,
    );
    await expect(embedTexts([' '], { model: WORDPIECE })).rejects.toThrow(/tokenizer makes no token of it/);
    for await (const { empty, data } of embedStream(['boat', '😀😀', ''], { model: WORDPIECE, onEmpty: 'zeros' })) {
      expect(empty).toEqual([1, 2]);
      expect([...data.subarray(8)].every((value) => value === 0)).toBe(true);
    }
  });

  test.each([
    [{ dtype: 'q8' }, "dtype 'q8'"],
    [{ device: 'cpu' }, "device 'cpu'"],
    [{ pooling: 'cls' }, "pooling 'cls'"],
    [{ long: 'mean' }, "long 'mean'"],
    [{ batchSize: 4 }, "batchSize '4'"],
  ] as [EmbedOptions, string][])('refuses %o', async (options, named) => {
    await expect(embedTexts(['a'], { model: WORDPIECE, ...options })).rejects.toThrow(
      `${named} would have no effect: ${WORDPIECE} is a static model, whose vector of a text is the mean of those of its tokens; leave the option out`,
    );
  });

  test('refuses a device before anybody looks for it', async () => {
    await expect(embedTexts(['a'], { model: 'static', device: 'cuda' })).rejects.toThrow(
      /^device 'cuda' would have no effect: static is a static model/,
    );
  });

  test('says what is wrong with its files', async () => {
    const fails = (folder: string) => expect(embedTexts(['a boat'], { model: folder })).rejects;
    const table = readFileSync(join(WORDPIECE, 'model.safetensors'));
    await fails(changed('wordpiece', { 'model.safetensors': null })).toThrow(
      /lacks model.safetensors; a static model needs tokenizer.json, model.safetensors/,
    );
    await fails(changed('wordpiece', { 'model.safetensors': table.subarray(0, 3000) })).toThrow(
      /not a .safetensors file, cut short or damaged/,
    );
    await fails(changed('wordpiece', { 'model.safetensors': Buffer.from('<html>Not found</html>') })).toThrow(
      /model.safetensors: not a .safetensors file/,
    );
    const with2 = { other: { dtype: 'F32', shape: [2], bytes: floats([1, 2]) } };
    await fails(changed('wordpiece', { 'model.safetensors': tensors(with2) })).toThrow(
      /it holds other, not embeddings or embedding.weight/,
    );
    const flat = { embeddings: { dtype: 'F32', shape: [2], bytes: floats([1, 2]) } };
    await fails(changed('wordpiece', { 'model.safetensors': tensors(flat) })).toThrow(
      /its embeddings are F32 of the shape 2; a table of tokens × columns is needed/,
    );
    const small = { embeddings: { dtype: 'F32', shape: [1, 2], bytes: floats([1, 2]) } };
    await fails(changed('wordpiece', { 'model.safetensors': tensors(small) })).toThrow(
      /has 242 tokens, and .*model.safetensors vectors for 1; the two are of different models/,
    );
    const astray = { ...small, mapping: { dtype: 'I32', shape: [242], bytes: Buffer.alloc(968, 1) } };
    await fails(changed('wordpiece', { 'model.safetensors': tensors(astray) })).toThrow(
      /its mapping gives the token 0 the row 16843009 of a table of 1 rows/,
    );
    const modules = [
      ...JSON_OF(WORDPIECE, 'modules.json'),
      { type: 'sentence_transformers.models.Dense', path: '2_Dense' },
    ];
    await fails(changed('wordpiece', { 'modules.json': modules })).toThrow(
      /the static model in .* goes on with Dense \(modules.json\), which is not offered/,
    );
  });

  test('is known by modules.json, by its config, or by its table', async () => {
    const vectors = await embedTexts(['a boat'], { model: WORDPIECE });
    const { normalize } = JSON_OF(WORDPIECE, 'config.json');
    const ways: Record<string, object | null>[] = [
      { 'modules.json': null },
      { 'modules.json': null, 'config.json': { normalize } },
      { 'modules.json': null, 'config.json': { normalize, architectures: ['StaticModel'] } },
    ];
    for (const files of ways)
      expect(await embedTexts(['a boat'], { model: changed('wordpiece', files) })).toEqual(vectors);
  });

  test('depends on all of its files, and costs as many characters as it reads', () => {
    expect(modelFiles(WORDPIECE, 'q8', 'text').sort()).toEqual([
      'config.json',
      'model.safetensors',
      'modules.json',
      'tokenizer.json',
    ]);
    expect(modelFiles(join(FOLDER, 'layers'), 'q8', 'text').sort()).toEqual([
      '0_StaticEmbedding/model.safetensors',
      '0_StaticEmbedding/tokenizer.json',
      'config_sentence_transformers.json',
      'modules.json',
    ]);
    const cost = (options: EmbedOptions, texts: Map<number, number>) =>
      embeddingCost({ rows: 1e6, texts }, modelSize({ model: WORDPIECE, ...options })).parallel;
    expect(modelSize({ model: WORDPIECE })).toMatchObject({ cols: 8, isStatic: true });
    expect(cost({}, new Map([[2000, 1e6]]))).toBeGreaterThan(2 * cost({}, new Map([[200, 1e6]])));
    const start = (model: string) => embeddingCost({ rows: 1, texts: new Map([[9, 1]]) }, modelSize({ model })).serial;
    expect(start('static-multilingual')).toBeGreaterThan(1 + start('static'));
    // Words that were seen before take less.
    expect(cost({}, new Map([[200, 1e6]]))).toBeLessThan(900 * cost({}, new Map([[200, 1000]])));
    expect(cost({ maxTokens: 10 }, new Map([[2000, 1e6]]))).toBe(cost({ maxTokens: 10 }, new Map([[200, 1e6]])));
  });
});

describe('a model by its name', () => {
  test('static-minilm is static', () => {
    const { source } = modelSettings({ model: 'static-minilm' });
    expect(source).toEqual(modelSettings({ model: 'static' }).source);
    expect(source).toEqual({ kind: 'local', folder: join(ROOT, 'models/static-minilm') });
  });

  test.each(['multilingual', 'multilingual-e5-small', 'nowhere/models/multilingual-e5-small/'])(
    '%s is not looked for in the hub, but made',
    (model) => {
      expect(() => modelSettings({ model })).toThrow(
        `model ${model} is not here: npm run model multilingual (in a clone of the repository) makes its folder, models/multilingual-e5-small, which --model then names`,
      );
    },
  );

  test('others of that name are of the hub', () => {
    expect(modelSettings({ model: 'intfloat/multilingual-e5-small' }).source.kind).toBe('hub');
  });
});

describe('a static model of the hub', () => {
  let server: Server;
  let asked: string[] = [];

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      const [, name = '', file = ''] = /^\/owner\/([^/]+)\/resolve\/[^/]+\/(.+)$/.exec(url) ?? [];
      asked.push(decodeURIComponent(file));
      const path = join(FOLDER, name, decodeURIComponent(file));
      response.writeHead(existsSync(path) ? 200 : 404, { 'x-repo-commit': 'abc' });
      response.end(existsSync(path) ? readFileSync(path) : 'Entry not found');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const cache = join(temporaryFolder(), 'cache');
    mkdirSync(cache);
    vi.stubEnv('HF_HOME', cache);
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  test.each([
    ['wordpiece', ['config.json', 'modules.json', 'tokenizer.json', 'model.safetensors']],
    ['layers', ['modules.json', '0_StaticEmbedding/tokenizer.json', '0_StaticEmbedding/model.safetensors']],
  ])('%s is downloaded once, and no weights of ONNX are asked for', async (name, needed) => {
    asked = [];
    const vectors = await embedTexts(['a boat'], { model: `owner/${name}` });
    expect(vectors).toEqual(await embedTexts(['a boat'], { model: join(FOLDER, name) }));
    expect(
      asked.filter((file) => existsSync(join(FOLDER, name, file)) && file !== 'config_sentence_transformers.json'),
    ).toEqual(needed);
    expect(asked.filter((file) => file.includes('onnx'))).toEqual([]);
    asked = [];
    expect(await embedTexts(['a boat'], { model: `owner/${name}` })).toEqual(vectors);
    expect(asked).toEqual([]);
    await expect(embedTexts(['a boat'], { model: `owner/${name}`, dtype: 'fp32' })).rejects.toThrow(
      /is a static model/,
    );
  });
});
