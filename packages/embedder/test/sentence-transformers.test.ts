import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type EmbedOptions, embedTexts, modelFiles, modelSettings, modelSize } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../../../test/support.ts';
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

const DROPOUT = { type: 'sentence_transformers.models.Dropout', path: '3_Dropout' };

/** Models of models/tiny with several layers behind the pooling: what is in a folder there, beside the model `mean`. */
const TINY = join(folder, 'tiny');
for (const name of ['dense', 'deep'])
  for (const part of ['mean', `layers/${name}`])
    cpSync(join(ROOT, 'models/tiny', part), join(TINY, name), { recursive: true });

async function notices(where: string, options: EmbedOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  await embedTexts(['a text'], { model: where, onNotice: (line) => lines.push(line), ...options });
  return lines;
}

const pooledBy = (config: object, asked?: EmbedOptions['pooling']): string =>
  modelSettings({ model: model({ '1_Pooling/config.json': config }), pooling: asked }).poolings.join(' + ');

describe('the pooling of the model', () => {
  test('is followed, as any version writes it', () => {
    expect(pooledBy({ pooling_mode: 'lasttoken' })).toBe('last');
    expect(pooledBy({ pooling_mode: ['cls'] })).toBe('cls');
    expect(pooledBy({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false })).toBe('cls');
    expect(pooledBy({ pooling_mode_cls_token: false, pooling_mode_lasttoken: true })).toBe('last');
    expect(pooledBy({ word_embedding_dimension: 3 })).toBe('mean');
    expect(pooledBy({ pooling_mode: 'cls' }, 'mean')).toBe('mean');
    expect(pooledBy({ pooling_mode: ['max', 'lasttoken'] })).toBe('max + last');
    expect(pooledBy({ pooling_mode_mean_tokens: true, pooling_mode_max_tokens: true })).toBe('max + mean');
  });

  test('is refused where it is not offered, unless another is chosen', () => {
    expect(() => pooledBy({ pooling_mode: ['mean', 'attention'] })).toThrow(
      /^the model in .* pools its tokens by attention \(1_Pooling\/config\.json\), which is not offered; choose --pooling mean, cls, last, max/,
    );
    expect(pooledBy({ pooling_mode: 'attention' }, 'mean')).toBe('mean');
  });

  test('must be where modules.json says', () => {
    expect(() => modelSettings({ model: model({}) })).toThrow(
      /^model folder .* lacks 1_Pooling\/config\.json, which its modules\.json names$/,
    );
    expect(() => modelSettings({ model: model({ 'modules.json': {} }) })).toThrow(/modules\.json: it is no list/);
  });

  test('counts only with modules.json, as there', () => {
    const where = model({ 'modules.json': [], '1_Pooling/config.json': { pooling_mode: 'cls' } });
    expect(modelSettings({ model: where }).poolings).toEqual(['mean']);
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

  test('is that they have another length than 1, and whose word that is', async () => {
    const bare = model({ ...MEAN, 'modules.json': [TRANSFORMER, POOLING, DROPOUT] });
    expect(await notices(bare)).toEqual([
      expect.stringMatching(
        /says\), not scaled to length 1 \(its modules\.json has no Normalize at its end; --normalise does it\)$/,
      ),
    ]);
    expect((await notices(bare, { normalise: true }))[0]).toMatch(/says\)$/);
    expect((await notices(model(MEAN), { normalise: false }))[0]).toMatch(/says\)$/);
  });

  test('is the layers that they went through', async () => {
    const [line] = await notices(join(TINY, 'deep'), { dtype: 'fp32' });
    expect(line).toMatch(
      /are the mean of all tokens followed by the last token of its last_hidden_state \(as its 1_Pooling\/config\.json says\), then Dense, LayerNorm as its modules\.json says, not scaled/,
    );
  });

  test('is what is set before each text, and that a model of the E5 family goes without', async () => {
    const e5 = join(model({}), '..', 'multilingual-e5-tiny');
    writeTinyTextModel(e5);
    const missing =
      /^.*e5-tiny is by its name a model of the E5 family, .* give --prefix "query: " \(--prefix "" for none\)$/;
    expect(await notices(e5)).toEqual([expect.anything(), expect.stringMatching(missing)]);
    expect(await notices(e5, { prefix: '' })).toHaveLength(1);
    expect(await notices(e5, { prefix: 'about ' })).toEqual([
      expect.stringMatching(/; "about " is set before each text$/),
    ]);
    const config = { model_type: 'bert', _name_or_path: 'intfloat/e5-small-v2' };
    expect(await notices(model({ ...MEAN }, { config }))).toHaveLength(2);
    expect(await notices(model({ ...MEAN }, { config: { _name_or_path: 'a/some5' } }))).toHaveLength(1);
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

describe('a layer behind the pooling', () => {
  const DENSE = { type: 'sentence_transformers.models.Dense', path: '2_Dense' };
  /** The model `dense` with its layer changed. */
  function changed(change: (layer: string) => void, modules?: object[]): EmbedOptions {
    const where = join(folder, `${made++}`);
    cpSync(join(TINY, 'dense'), where, { recursive: true });
    if (modules) writeFileSync(join(where, 'modules.json'), JSON.stringify(modules));
    change(join(where, '2_Dense'));
    return { model: where, dtype: 'fp32', threads: 1 };
  }
  const configured =
    (fields: object) =>
    (layer: string): void => {
      const path = join(layer, 'config.json');
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...fields }));
    };
  const refusal = (options: EmbedOptions): Promise<string> =>
    embedTexts(['cat'], options).then(
      () => 'none',
      (error: Error) => error.message,
    );

  test('that is not known is refused, unless the ONNX file has it', async () => {
    const modules = [TRANSFORMER, POOLING, { type: 'a.CNN', path: '2_CNN' }, { type: 'b.LSTM', path: '' }, NORMALIZE];
    const files = { ...MEAN, 'modules.json': modules };
    expect(() => modelSettings({ model: model(files) })).toThrow(
      /^the model in .* has CNN, LSTM \(modules\.json\), which are not followed; use an ONNX file of it that gives sentence_embedding$/,
    );
    expect(await notices(model(files, { outputs: ['sentence_embedding'] }))).toHaveLength(1);
    const other = { ...MEAN, 'modules.json': [{ type: 'a.WordEmbeddings', path: '' }, POOLING] };
    expect(() => modelSettings({ model: model(other) })).toThrow(
      / has WordEmbeddings \(modules\.json\), which is not followed/,
    );
    const twice = { ...MEAN, 'modules.json': [TRANSFORMER, POOLING, POOLING] };
    expect(() => modelSettings({ model: model(twice) })).toThrow(
      / has Pooling \(modules\.json\), which is not followed/,
    );
  });

  test.each([
    [
      { module_input_name: 'token_embeddings' },
      /Dense turns token_embeddings into sentence_embedding \(2_Dense\/config/,
    ],
    [
      { activation_function: 'torch.nn.modules.activation.Nope' },
      /activation_function "torch\.nn.*Nope" is not known; of torch\.nn there are Identity, Tanh/,
    ],
    [{ activation_function: 'my.own.Tanh' }, /activation_function "my\.own\.Tanh" is not known/],
    [{ out_features: 'many' }, /2_Dense\/config\.json: out_features is "many", not a number of columns/],
    [
      { out_features: 13 },
      /model\.safetensors: linear\.weight has the shape 12 × 16; its config\.json asks for 13 × 16/,
    ],
    [{ in_features: 5, use_residual: true }, /linear\.weight has the shape 12 × 16; its config\.json asks for 12 × 5/],
    [{ use_residual: true }, /residual\.weight is missing; its config\.json asks for 12 × 16/],
  ])('is refused where its files say what cannot be: %j', async (fields, message) => {
    expect(await refusal(changed(configured(fields)))).toMatch(message);
  });

  test('is refused without weights that can be read', async () => {
    expect(await refusal(changed((layer) => rmSync(join(layer, 'model.safetensors'))))).toMatch(
      /^model folder .* lacks 2_Dense\/model\.safetensors, the weights of Dense, which its modules\.json names; .* SentenceTransformer\(folder\)\.save\(other\) writes/,
    );
    const cut = changed((layer) => writeFileSync(join(layer, 'model.safetensors'), 'damaged'));
    expect(await refusal(cut)).toMatch(/model\.safetensors: not a \.safetensors file, cut short or damaged/);
  });

  test('takes as many columns as it is given', async () => {
    const twice = changed(() => {}, [TRANSFORMER, POOLING, DENSE, DENSE]);
    expect(await refusal(twice)).toMatch(/is of vectors of 16 columns, and those before it have 12$/);
    expect(modelSize({ ...changed(() => {}) }).cols).toBe(12);
    expect(modelSize({ model: join(TINY, 'deep'), dtype: 'fp32' })).toMatchObject({ cols: 8, width: 16 });
  });

  test('is in whole vectors already', () => {
    const where = changed(() => {}).model as string;
    writeTinyTextModel(where, { perText: true, file: 'model.onnx', outputs: [] });
    expect(modelSettings({ model: where, dtype: 'fp32' }).text?.layers).toEqual([]);
  });

  test('counts for what is kept of earlier runs, and each part of a long text goes through it', async () => {
    const options = { model: join(TINY, 'dense'), dtype: 'fp32', threads: 1 } as const;
    const files = modelFiles(options.model, 'fp32', 'text');
    expect(files).toEqual(expect.arrayContaining(['2_Dense/config.json', '2_Dense/model.safetensors']));
    const parts = await embedTexts(['old house', 'table'], { ...options, normalise: false });
    const whole = { ...options, normalise: false, long: 'mean', maxTokens: 4 } as const;
    const { data } = await embedTexts(['old house table'], whole);
    const expected = parts.data.slice(0, 12).map((value, c) => (2 * value + parts.data[12 + c]) / 3);
    expected.forEach((value, c) => {
      expect(data[c]).toBeCloseTo(value, 5);
    });
  });
});

test('a prefix counts for the limit, leaves room for texts, and is not for images', async () => {
  const where = model(MEAN);
  const options = { model: where, normalise: false, prefix: 'about one ' };
  const near = ({ data }: { data: Float32Array }, ids: number[]): void =>
    tinyVector(ids).forEach((value, c) => {
      expect(data[c]).toBeCloseTo(value, 4);
    });
  near(await embedTexts(['cats dogs'], options), [2, 6, 12, 7, 8, 3]);
  near(await embedTexts(['cats dogs'], { ...options, maxTokens: 5 }), [2, 6, 12, 7, 3]);
  await expect(embedTexts(['cats dogs'], { ...options, maxTokens: 4 })).rejects.toThrow(
    /^"about one ", which is set before each text, has 2 tokens, and of a text 2 count .* shorten it \(--prefix\)/,
  );
  expect(() => modelSettings({ modality: 'image', model: where, prefix: 'a' })).toThrow(/^prefix is set before texts/);
  expect(() => modelSettings({ prefix: 5 as never })).toThrow('prefix is number, not a text');
});

test('a prefix is set before the texts of a static model too', async () => {
  const model = join(ROOT, 'models/tiny-static/wordpiece');
  const lines: string[] = [];
  const given = { model, prefix: 'a river ', onNotice: (line: string) => lines.push(line) };
  expect(await embedTexts(['boat'], given)).toEqual(await embedTexts(['a river boat'], { model }));
  expect(lines[0]).toMatch(/; "a river " is set before each text$/);
});
