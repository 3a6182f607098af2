import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EmbedOptions, embedTexts, modelSettings } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { type TinyTextModel, tinyVector, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const folder = temporaryFolder();
let made = 0;

const TRANSFORMER = { type: 'sentence_transformers.models.Transformer', path: '' };
const POOLING = { type: 'sentence_transformers.models.Pooling', path: '1_Pooling' };
const NORMALIZE = { type: 'sentence_transformers.models.Normalize', path: '2_Normalize' };

/** A tiny model with files of sentence-transformers beside it. */
function model(files: Record<string, unknown>, spec: TinyTextModel = {}): string {
  const where = join(folder, `${made++}`);
  writeTinyTextModel(where, spec);
  for (const [file, content] of Object.entries({ 'modules.json': [TRANSFORMER, POOLING, NORMALIZE], ...files })) {
    mkdirSync(dirname(join(where, file)), { recursive: true });
    writeFileSync(join(where, file), JSON.stringify(content));
  }
  return where;
}

async function notices(where: string, options: EmbedOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  await embedTexts(['a text'], { model: where, onNotice: (line) => lines.push(line), ...options });
  return lines;
}

const pooledBy = (config: object, asked?: EmbedOptions['pooling']): string =>
  modelSettings({ model: model({ '1_Pooling/config.json': config }), pooling: asked }).pooling;

describe('the pooling of the model', () => {
  test('is followed, as any version writes it', () => {
    expect(pooledBy({ pooling_mode: 'lasttoken' })).toBe('last');
    expect(pooledBy({ pooling_mode: ['cls'] })).toBe('cls');
    expect(pooledBy({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false })).toBe('cls');
    expect(pooledBy({ pooling_mode_cls_token: false, pooling_mode_lasttoken: true })).toBe('last');
    expect(pooledBy({ word_embedding_dimension: 3 })).toBe('mean');
    expect(pooledBy({ pooling_mode: 'cls' }, 'mean')).toBe('mean');
  });

  test('is refused where it is not offered, unless another is chosen', () => {
    expect(() => pooledBy({ pooling_mode: 'weightedmean' })).toThrow(
      /^the model in .* pools its tokens by weightedmean \(1_Pooling\/config\.json\), which is not offered; choose --pooling mean, cls, last/,
    );
    expect(() => pooledBy({ pooling_mode_mean_tokens: true, pooling_mode_max_tokens: true })).toThrow(
      /by max and mean /,
    );
    expect(pooledBy({ pooling_mode: 'max' }, 'mean')).toBe('mean');
  });

  test('must be where modules.json says', () => {
    expect(() => modelSettings({ model: model({}) })).toThrow(
      /^model folder .* lacks 1_Pooling\/config\.json, which its modules\.json names$/,
    );
    expect(() => modelSettings({ model: model({ 'modules.json': {} }) })).toThrow(/modules\.json: it is no list/);
  });

  test('counts only with modules.json, as there', () => {
    const where = model({ 'modules.json': [], '1_Pooling/config.json': { pooling_mode: 'cls' } });
    expect(modelSettings({ model: where }).pooling).toBe('mean');
  });
});

const MEAN = { '1_Pooling/config.json': { pooling_mode: 'mean' } };

test('the limit of the model counts before that of its tokenizer', () => {
  const limit = (files: object, length?: number, asked?: number): number =>
    modelSettings({
      model: model({ ...MEAN, ...files }, length ? { tokenizerConfig: { model_max_length: length } } : {}),
      maxTokens: asked,
    }).maxTokens;
  expect(limit({ 'sentence_bert_config.json': { max_seq_length: 128 } }, 512)).toBe(128);
  expect(limit({ 'sentence_bert_config.json': { max_seq_length: 200 } }, 128)).toBe(200);
  expect(limit({ 'sentence_roberta_config.json': { max_seq_length: 100 } })).toBe(100);
  expect(limit({ 'sentence_bert_config.json': { max_seq_length: 512 } }, 128)).toBe(256);
  expect(limit({ 'sentence_bert_config.json': { max_seq_length: 128 } }, 512, 300)).toBe(300);
});

test('the default prompt is set before each text, and its tokens count or not, as the model says', async () => {
  const files = {
    'config_sentence_transformers.json': { prompts: { query: 'two', about: 'about ' }, default_prompt_name: 'about' },
  };
  const where = model({ ...MEAN, ...files });
  const vector = async (name: string): Promise<number[]> => [
    ...(await embedTexts(['cats'], { model: name, normalise: false })).data,
  ];
  const near = (actual: number[], ids: number[]): void =>
    tinyVector(ids).forEach((value, c) => {
      expect(actual[c]).toBeCloseTo(value, 4);
    });
  near(await vector(where), [2, 6, 7, 3]);
  near(await vector(model({ '1_Pooling/config.json': { include_prompt: false }, ...files })), [7, 3]);
  expect((await notices(where))[0]).toMatch(/; its prompt "about " is set before each text$/);
  const none = { ...files['config_sentence_transformers.json'], default_prompt_name: null };
  near(await vector(model({ ...MEAN, 'config_sentence_transformers.json': none })), [2, 7, 3]);
});

test('capitals do not count where the model says so', async () => {
  const lower = model({ ...MEAN, 'sentence_bert_config.json': { do_lower_case: true } });
  const asIs = model(MEAN);
  const options = { normalise: false };
  const small = await embedTexts(['cats'], { model: asIs, ...options });
  expect(await embedTexts(['CATS'], { model: lower, ...options })).toEqual(small);
  expect(await embedTexts(['CATS'], { model: asIs, ...options })).not.toEqual(small);
});

describe('what is told', () => {
  test('is what the vectors are, and whose word that is', async () => {
    const where = model(MEAN);
    expect(await notices(where)).toEqual([
      `vectors of the model ${where} are the mean of all tokens of its last_hidden_state (as its 1_Pooling/config.json says)`,
    ]);
  });

  test('is that further layers are not followed, unless the ONNX file has them', async () => {
    const files = { ...MEAN, 'modules.json': [TRANSFORMER, POOLING, { type: 'a.Dense', path: '2_Dense' }, NORMALIZE] };
    const [, line] = await notices(model(files));
    expect(line).toMatch(/^the model .* goes on with Dense \(modules\.json\), of which nothing is used: /);
    expect(await notices(model(files, { outputs: ['sentence_embedding'] }))).toHaveLength(1);
  });

  test('is an end of text that the tokenizer does not set', async () => {
    const asks = (eos: unknown): string =>
      model(MEAN, { tokenizerConfig: { add_eos_token: true, eos_token: eos, model_max_length: 9 } });
    const [, line] = await notices(asks('</s>'));
    expect(line).toMatch(/^the model .* asks for <\/s> behind each text \(add_eos_token in tokenizer_config\.json\)/);
    expect(await notices(asks({ content: '[SEP]' }))).toHaveLength(1);
  });
});

test('the positions of a model are those that its weights have', () => {
  const limit = (asked?: number): number => modelSettings({ model: where, dtype: 'fp32', maxTokens: asked }).maxTokens;
  const where = join(folder, 'positions');
  writeTinyTextModel(where, {
    file: 'model.onnx',
    weights: { 'model.embeddings.position_embeddings.weight': [40, 3] },
  });
  expect(limit()).toBe(40);
  expect(() => limit(41)).toThrow(/^maxTokens 41 is above the 40 positions of the model in .*; use at most 40$/);
  writeTinyTextModel(where, { file: 'model.onnx', weights: { 'model.word_embeddings.weight': [40, 3] } });
  expect(limit(41)).toBe(41);
});

const PROMPTED = {
  'config_sentence_transformers.json': { prompts: { query: 'q: ', count: 5 }, default_prompt_name: 'query' },
};
const prompted = (more: object): Record<string, unknown> => ({
  'config_sentence_transformers.json': { ...PROMPTED['config_sentence_transformers.json'], ...more },
});

test.each([
  [{ 'modules.json': [null] }, /modules\.json: each module has a type and a path/],
  [{ 'modules.json': [TRANSFORMER, null] }, /modules\.json: each module has a type and a path/],
  [{ 'modules.json': [TRANSFORMER, { type: 5, path: '' }] }, /modules\.json: each module has a type and a path/],
  [{ 'modules.json': [TRANSFORMER, { ...POOLING, path: [] }] }, /modules\.json: each module has a type and a path/],
  [{ '1_Pooling/config.json': [] }, /1_Pooling\/config\.json: it does not say in texts/],
  [{ '1_Pooling/config.json': { pooling_mode: 5 } }, /1_Pooling\/config\.json: it does not say in texts/],
  [prompted({ default_prompt_name: 'nope' }), /its default prompt "nope" is no text among its prompts/],
  [prompted({ default_prompt_name: 'toString' }), /its default prompt "toString" is no text/],
  [prompted({ default_prompt_name: 'count' }), /its default prompt "count" is no text/],
  [prompted({ default_prompt_name: 5 }), /its default prompt 5 is no text/],
])('files that do not say what they should are told: %j', (files, message) => {
  const all = { '1_Pooling/config.json': { pooling_mode: 'mean' }, ...files };
  expect(() => modelSettings({ model: model(all as Record<string, unknown>) })).toThrow(message);
});
