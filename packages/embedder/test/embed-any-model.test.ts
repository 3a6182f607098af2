import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, rowOf } from '@coreset/core';
import { embedStream, embedTexts, modelFiles, modelSettings } from '@coreset/embedder';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { LETTERS_ALONE, type TinyTextModel, tinyVector, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const folder = temporaryFolder();
let made = 0;
function model(spec: TinyTextModel = {}): string {
  const where = join(folder, `${made++}`);
  writeTinyTextModel(where, spec);
  return where;
}

function near(matrix: Matrix, expected: number[][], digits = 4): void {
  expect(matrix.rows).toBe(expected.length);
  for (const [row, vector] of expected.entries()) {
    expect(matrix.cols).toBe(vector.length);
    for (const [c, value] of vector.entries()) expect(rowOf(matrix, row)[c]).toBeCloseTo(value, digits);
  }
}

const TEXTS = ['a text about cats', 'two birds'];
const IDS = [
  [2, 4, 5, 6, 7, 3],
  [2, 13, 9, 3],
];

describe('what a model gives', () => {
  test('counts whatever its type is', async () => {
    const vectors = IDS.map((ids) => tinyVector(ids));
    near(await embedTexts(TEXTS, { model: model(), normalise: false }), vectors);
    near(await embedTexts(TEXTS, { model: model({ type: 'float16' }), normalise: false }), vectors, 2);
    near(await embedTexts(TEXTS, { model: model({ type: 'float64' }), normalise: false }), vectors);
    near(await embedTexts(TEXTS, { model: model({ asksFor: 'int32' }), normalise: false }), vectors);
    await expect(embedTexts(TEXTS, { model: model({ type: 'bfloat16' }) })).rejects.toThrow(
      /^cannot load the model from .*: it takes or gives bfloat16, which cannot be read here; export it with .*float32/,
    );
    await expect(embedTexts(TEXTS, { model: model({ type: 'int64' }) })).rejects.toThrow(
      /^the model's last_hidden_state is of the type int64, which are no vectors/,
    );
  });

  test('is taken as it is where it is one vector per text', async () => {
    const options = { model: model({ perText: true }), normalise: false };
    near(
      await embedTexts(TEXTS, options),
      IDS.map((ids) => tinyVector(ids)),
    );
    await expect(embedTexts(TEXTS, { ...options, pooling: 'cls' })).rejects.toThrow(
      /^pooling 'cls' would have no effect: the model in .* gives one vector per text \(sentence_embedding\); leave/,
    );
  });

  test('is what its authors mean by its name, where there are several, and is told', async () => {
    const notices: string[] = [];
    const options = { normalise: false, onNotice: (line: string) => notices.push(line) };
    const first = IDS.map(([id]) => tinyVector([id]));
    const all = model({ outputs: ['pooler_output', 'sentence_embedding', 'token_embeddings'] });
    near(await embedTexts(TEXTS, { ...options, model: all }), first);
    near(
      await embedTexts(TEXTS, { ...options, model: all, pooling: 'last' }),
      IDS.map((ids) => tinyVector(ids.slice(-1))),
    );
    const pooled = model({ outputs: ['pooler_output'] });
    near(
      await embedTexts(TEXTS, { ...options, model: pooled }),
      IDS.map((ids) => tinyVector(ids)),
    );
    expect(notices).toEqual([
      `vectors of the model ${all} are its sentence_embedding`,
      `vectors of the model ${all} are the last token of its last_hidden_state (as asked)`,
      `vectors of the model ${pooled} are the mean of all tokens of its last_hidden_state (the default, since its files do not say)`,
    ]);
    notices.length = 0;
    await embedTexts(TEXTS, options);
    expect(notices).toEqual([]);
  });

  test('must be numbers, and of some length: row and text are named', async () => {
    const row = /^row 2 \("two birds"\): the model gives /;
    const texts = ['a', 'a', 'two birds', 'one', 'two'];
    await expect(embedTexts(texts, { model: model({ two: 'NaN' }) })).rejects.toThrow(row);
    await expect(embedTexts(texts, { model: model({ two: 'NaN' }) })).rejects.toThrow(/NaN or infinite .*--dtype fp32/);
    await expect(embedTexts(texts, { model: model({ two: 'zeros' }) })).rejects.toThrow(row);
    await expect(embedTexts(texts, { model: model({ two: 'zeros' }) })).rejects.toThrow(/nothing but zeros/);
    const raw = await embedTexts(['two'], { model: model({ two: 'zeros' }), normalise: false });
    expect([...raw.data]).toEqual([0, 0, 0]);
    for (const two of ['NaN', 'zeros'] as const)
      for await (const { empty, data } of embedStream(texts, { model: model({ two }), onEmpty: 'zeros' })) {
        expect(empty).toEqual([2, 4]);
        expect([...data.subarray(6, 9)]).toEqual([0, 0, 0]);
        expect([...data].every(Number.isFinite)).toBe(true);
      }
  });
});

describe('what a model asks for', () => {
  test('positions are given, and types of tokens', async () => {
    const options = { model: model({ asks: ['position_ids', 'token_type_ids'] }), normalise: false };
    near(await embedTexts(TEXTS, options), [tinyVector(IDS[0], [2.5, 0]), tinyVector(IDS[1], [1.5, 0])]);
    near(await embedTexts(TEXTS, { ...options, batchSize: 2 }), [
      tinyVector(IDS[0], [2.5, 0]),
      tinyVector(IDS[1], [1.5, 0]),
    ]);
  });

  test('positions of RoBERTa and its kin begin behind that of the padding', async () => {
    const config = { model_type: 'xlm-roberta', pad_token_id: 1 };
    const where = model({ asks: ['position_ids'], config });
    near(await embedTexts(TEXTS.slice(0, 1), { model: where, normalise: false }), [tinyVector(IDS[0], [4.5])]);
  });

  test('of earlier tokens there are none', async () => {
    near(await embedTexts(TEXTS.slice(0, 1), { model: model({ cache: true }), normalise: false }), [
      tinyVector(IDS[0]),
    ]);
  });

  test('texts are padded to the number of tokens and texts that it always takes', async () => {
    const vectors = IDS.map((ids) => tinyVector(ids));
    for (const shape of [{ batch: 1 }, { batch: 3 }, { width: 9 }, { batch: 3, width: 9 }])
      for (const batchSize of [undefined, 2])
        near(await embedTexts(TEXTS, { model: model(shape), normalise: false, batchSize }), vectors);
    const notices: string[] = [];
    const options = { model: model({ width: 5 }), normalise: false, onNotice: (line: string) => notices.push(line) };
    near(await embedTexts(TEXTS, options), [tinyVector([2, 4, 5, 6, 3]), tinyVector(IDS[1])]);
    expect(notices[1]).toMatch(/^1 of 2 rows have more than 5 tokens/);
    await expect(embedTexts(TEXTS, { ...options, maxTokens: 6 })).rejects.toThrow(/above the 5 positions/);
    await expect(embedTexts(TEXTS, { model: model({ width: 9, asks: [] }) })).rejects.toThrow(
      /^the model in .* takes texts of 9 tokens alone and has no attention_mask, so that padding would count; export/,
    );
  });

  test('where it takes no attention mask, texts of different lengths do not run together', async () => {
    const where = model({ asks: [], perText: true });
    near(
      await embedTexts(TEXTS, { model: where, normalise: false, batchSize: 2 }),
      IDS.map((ids) => tinyVector(ids)),
    );
  });

  test('what no text has is said in one line', async () => {
    await expect(embedTexts(TEXTS, { model: model({ asks: ['labels'] }) })).rejects.toThrow(
      /^the model asks for labels; of texts it can be given input_ids, .*: use a feature-extraction model$/,
    );
  });
});

describe('a long text', () => {
  const words = ['one', 'two', 'cats', 'dogs', 'birds', 'short', 'long'];
  const ids = [12, 13, 7, 8, 9, 10, 11];

  test('counts up to the limit, with the tokens around it', async () => {
    const where = model();
    const cut = await embedTexts([words.join(' ')], { model: where, maxTokens: 5, normalise: false });
    near(cut, [tinyVector([2, 12, 13, 7, 3])]);
    const last = await embedTexts([words.join(' ')], { model: where, maxTokens: 5, pooling: 'last', normalise: false });
    near(last, [tinyVector([3])]);
  });

  test('counts as a whole, each part by its tokens, when asked', async () => {
    const where = model();
    const options = { model: where, maxTokens: 5, long: 'mean' as const, normalise: false };
    const parts = [ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)].map((part) => tinyVector([2, ...part, 3]));
    const mean = parts[0].map((_, c) => (3 * parts[0][c] + 3 * parts[1][c] + parts[2][c]) / 7);
    near(await embedTexts([words.join(' '), 'two birds'], options), [mean, tinyVector(IDS[1])]);
    const { data } = await embedTexts([words.join(' ')], { ...options, normalise: true });
    const length = Math.hypot(...mean);
    for (const [c, value] of mean.entries()) expect(data[c]).toBeCloseTo(value / length, 5);
  });

  test('of the bundled model: one that fits has the same bits either way, others depend on themselves alone', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `${words[i % 7]} and ${i} `.repeat(i < 20 ? i + 1 : i * 5));
    const head = await embedTexts(many, { maxTokens: 64 });
    const mean = await embedTexts(many, { maxTokens: 64, long: 'mean', threads: 1 });
    for (let i = 0; i < 20; i++) expect(rowOf(mean, i), `${i}`).toEqual(rowOf(head, i));
    for (let i = 25; i < 30; i++) {
      expect(rowOf(mean, i)).not.toEqual(rowOf(head, i));
      expect((await embedTexts([many[i]], { maxTokens: 64, long: 'mean' })).data).toEqual(rowOf(mean, i).slice());
    }
    // Repeated, it says the same.
    const cosine = rowOf(mean, 29).reduce((sum, value, c) => sum + value * rowOf(head, 29)[c], 0);
    expect(cosine).toBeGreaterThan(0.8);
  });
});

describe('the limit', () => {
  const limits = (config: object, tokenizerConfig?: object, maxTokens?: number): number =>
    modelSettings({ model: model({ config, tokenizerConfig }), maxTokens }).maxTokens;

  test('is 256 tokens, or what tokenizer or model allow where that is less', () => {
    expect(limits({ model_type: 'bert', max_position_embeddings: 512 })).toBe(256);
    expect(limits({ max_position_embeddings: 512 }, { model_max_length: 128 })).toBe(128);
    expect(limits({ max_position_embeddings: 512 }, { model_max_length: 1e30 })).toBe(256);
    expect(limits({ n_positions: 77 }, { model_max_length: 512 })).toBe(77);
  });

  test('can be set up to the positions of the model, whatever the tokenizer says', () => {
    expect(limits({ max_position_embeddings: 512 }, { model_max_length: 256 }, 512)).toBe(512);
    expect(() => limits({ max_position_embeddings: 512 }, { model_max_length: 256 }, 513)).toThrow(
      /^maxTokens 513 is above the 512 positions of the model in .*; use at most 512$/,
    );
    expect(limits({ model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 }, {}, 512)).toBe(512);
    expect(() => limits({ model_type: 'roberta', max_position_embeddings: 514, pad_token_id: 1 }, {}, 513)).toThrow(
      /512/,
    );
    expect(limits({ model_type: 't5', n_positions: 512 }, {}, 4000)).toBe(4000);
    expect(
      limits({ model_type: 'deberta-v2', max_position_embeddings: 512, position_biased_input: false }, {}, 900),
    ).toBe(900);
  });

  test('leaves room for the text', async () => {
    await expect(embedTexts(['a'], { model: model(), maxTokens: 2 })).rejects.toThrow(
      /^maxTokens 2 leaves no room beside the 2 tokens that the tokenizer adds to each text; use at least 3$/,
    );
    await expect(embedTexts(['a'], { long: 'tail' as 'mean' })).rejects.toThrow(
      "long 'tail' is not known; use one of head, mean",
    );
  });

  test('of the bundled model counts above 256', async () => {
    const text = Array.from({ length: 600 }, (_, i) => `word${i % 50}`).join(' ');
    const [at256, at512] = [await embedTexts([text]), await embedTexts([text], { maxTokens: 512 })];
    expect(at512.data).not.toEqual(at256.data);
    await expect(embedTexts([text], { maxTokens: 600 })).rejects.toThrow(/above the 512 positions/);
  });
});

describe('what is read', () => {
  test('is told for each text, in order', async () => {
    const texts = ['a text about cats', 'unheard of cats', '', 'one two one two one two', '漢字'];
    const seen = { tokens: [] as number[], unknown: [] as number[], lost: [] as number[], empty: [] as number[] };
    for await (const { readings, empty } of embedStream(texts, { model: model(), maxTokens: 6 })) {
      if (!readings) throw new Error('there are none');
      seen.tokens.push(...readings.tokens);
      seen.unknown.push(...readings.unknown);
      seen.lost.push(...readings.lost);
      seen.empty.push(...empty);
    }
    expect(seen).toEqual({ tokens: [4, 3, 0, 4, 1], unknown: [0, 2, 0, 0, 1], lost: [0, 0, 0, 2, 0], empty: [] });
  });

  test('is told in words by embedTexts', async () => {
    const notices: string[] = [];
    const options = { model: model(), maxTokens: 6, onNotice: (line: string) => notices.push(line) };
    await embedTexts(['a text about cats', 'unheard of cats', 'one two one two one two', ''], options);
    expect(notices.slice(1)).toEqual([
      expect.stringMatching(/^the model does not know 18 % of the tokens, and 1 of 4 rows is mostly such; .*--model/),
      expect.stringMatching(
        /^1 of 4 rows have more than 6 tokens; what is behind, about 15 % .*--long mean.*--max-tokens/,
      ),
      expect.stringMatching(/^the model reads nothing of 1 of 4 rows/),
    ]);
  });
});

describe('a text without any token', () => {
  const texts = ['a text', 'b text', 'a text', 'a b', '😀', 'at'];

  test('has no vector: embedTexts names row and text', async () => {
    const where = model({ tokenizer: LETTERS_ALONE });
    await expect(embedTexts(texts, { model: where })).rejects.toThrow(
      /^row 4 \("😀"\): the model's tokenizer makes no token of it; leave the row out or use another model$/,
    );
    await expect(embedStream(['a', '😀'], { model: where }).next()).rejects.toThrow(/^row 1 \("😀"\)/);
    await expect(embedTexts(['a', '漢'.repeat(90)], { model: where })).rejects.toThrow(/^row 1 \("漢{40}…"\)/);
  });

  test('is told in a stream, and zeros are in its place', async () => {
    const where = model({ tokenizer: LETTERS_ALONE });
    const blocks = [];
    for await (const block of embedStream(texts, { model: where, threads: 1, onEmpty: 'zeros' })) blocks.push(block);
    expect(blocks.map(({ empty }) => empty)).toEqual([[4]]);
    expect([...rowOf(blocks[0], 4)]).toEqual([0, 0, 0]);
    expect([...blocks[0].data].every(Number.isFinite)).toBe(true);
    expect([...(blocks[0].readings?.tokens ?? [])]).toEqual([5, 5, 5, 2, 0, 2]);
    for await (const { rows, cols, empty } of embedStream(['😀', '漢'], { model: where, onEmpty: 'zeros' }))
      expect({ rows, cols, empty }).toEqual({ rows: 2, cols: 3, empty: [0, 1] });
  });
});

describe('a model', () => {
  test('depends on all its files', () => {
    const where = model({ tokenizerConfig: {}, external: ['model_quantized.onnx_data', 'weights 1'] });
    const files = ['special_tokens_map.json', 'config_sentence_transformers.json', 'sentence_bert_config.json'];
    for (const file of [...files, 'onnx/model.onnx_data']) writeFileSync(join(where, file), '{}');
    mkdirSync(join(where, '1_Pooling'));
    writeFileSync(join(where, '1_Pooling/config.json'), '{"pooling_mode": "cls"}');
    const all = [
      'config.json',
      'tokenizer.json',
      'onnx/model_quantized.onnx',
      'tokenizer_config.json',
      'special_tokens_map.json',
    ];
    const weights = ['onnx/model_quantized.onnx_data', 'onnx/weights 1'];
    expect(modelFiles(where, 'q8', 'text')).toEqual([...all, ...weights]);
    writeFileSync(join(where, 'modules.json'), JSON.stringify([{ type: 'a.b.Pooling', path: '1_Pooling' }]));
    expect(modelFiles(where, 'q8', 'text')).toEqual([
      ...all,
      'modules.json',
      'config_sentence_transformers.json',
      'sentence_bert_config.json',
      '1_Pooling/config.json',
      ...weights,
    ]);
  });

  test('that cannot be read is told of in one line', async () => {
    const where = model({ external: ['part'] });
    const weights = join(where, 'onnx/model_quantized.onnx');
    const whole = readFileSync(weights);
    const later = Buffer.from(whole);
    later[later.indexOf(Buffer.from([0x42, 2, 16, 17])) + 3] = 99;
    const fails = (line: RegExp): Promise<void> => expect(embedTexts(['a'], { model: where })).rejects.toThrow(line);
    for (const [content, line] of [
      [whole.subarray(0, 300), /onnx: \d+ bytes are missing: it is cut short; download or copy it again$/],
      [whole.subarray(0, 3), /it is cut short|holds no ONNX model/],
      ['', /it is empty; download it again$/],
      ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n', /a pointer of Git LFS, .*git lfs pull$/],
      ['\n<!DOCTYPE html><html></html>', /it is a web page, not a model; download the file itself/],
      ['PK\x03\x04 and more of it', /it holds no ONNX model; name a folder with one, or export it again$/],
      [later, /Opset 99 is under development.*; it was exported for a later onnxruntime: export it with opset 17/],
      [
        Buffer.concat([Buffer.from([8, 120]), whole.subarray(2)]),
        /Unsupported model IR version: 120.*; it was exported/,
      ],
    ] as const) {
      writeFileSync(weights, content);
      await fails(new RegExp(`^(?!.*onnxruntime_src)cannot (read|load) the model [^\n]*${line.source}`));
    }
    writeFileSync(weights, whole);
    truncateSync(join(where, 'onnx/part'));
    await fails(/^cannot load the model .*; a file of its weights is cut short: download or copy it again$/);
    rmSync(join(where, 'onnx/part'));
    writeFileSync(join(where, 'part'), Buffer.alloc(4));
    symlinkSync('../part', join(where, 'onnx/part'));
    await fails(
      /^cannot load the model .*; a file of its weights is a link out of its folder: put the file itself there$/,
    );
    rmSync(join(where, 'onnx/part'));
    await fails(/^model folder .* lacks onnx\/part, where onnx\/model_quantized\.onnx keeps its numbers; copy it too$/);
    writeTinyTextModel(where, { external: [] });
    symlinkSync('nowhere.json', join(where, 'tokenizer_config.json'));
    await fails(/^cannot read .*tokenizer_config\.json: it is a link to nowhere\.json, which is not there; copy/);
    rmSync(join(where, 'tokenizer_config.json'));
    mkdirSync(join(where, 'tokenizer_config.json'));
    await fails(/^cannot read .*tokenizer_config\.json: it is a folder, a file is needed$/);
    writeTinyTextModel(where, { external: ['../part'] });
    rmSync(join(where, 'tokenizer_config.json'), { recursive: true });
    await fails(/keeps weights in \.\.\/part, which is outside its folder; export it again$/);
  });

  test('that lacks a token or a position is told of with both numbers', async () => {
    await expect(embedTexts(['a text', 'two'], { model: model({ rows: { input_ids: 8 } }) })).rejects.toThrow(
      /^the model in .* fails: the tokenizer gives the token 13, and the model knows those up to 7; the two are of/,
    );
    const few = model({ asks: ['position_ids'], rows: { position_ids: 9 } });
    await expect(embedTexts(['a '.repeat(20)], { model: few })).rejects.toThrow(
      /^the model in .* fails: it has positions for 9 tokens; use --max-tokens 9 \(of 1 text of 22 tokens\)$/,
    );
    expect((await embedTexts(['a '.repeat(20)], { model: few, maxTokens: 9 })).rows).toBe(1);
  });

  test('that fails is told of in one line', async () => {
    const broken = model();
    writeFileSync(join(broken, 'tokenizer.json'), JSON.stringify({ ...LETTERS_ALONE, model: { type: 'none' } }));
    await expect(embedTexts(['a'], { model: broken })).rejects.toThrow(/^cannot use the tokenizer of the model in /);
    writeFileSync(join(broken, 'tokenizer.json'), '{');
    await expect(embedTexts(['a'], { model: broken })).rejects.toThrow(/^cannot read .*tokenizer\.json: /);
    await expect(embedTexts(['a'], { model: model({ fails: true }) })).rejects.toThrow(
      /^the model in .* fails: .*cannot be reshaped.* \(of 1 text of 3 tokens; where it takes fewer .*--max-tokens\)$/,
    );
    const other = model({ file: 'model.onnx' });
    await expect(embedTexts(['a'], { model: other })).rejects.toThrow(
      /lacks onnx\/model_quantized.onnx; .* \(dtype q8\); it has weights of dtype fp32$/,
    );
    await expect(embedTexts(['a'], { model: join(other, 'config.json') })).rejects.toThrow(
      /config\.json is a file; name the folder/,
    );
  });
});

test('the name of the bundled model means it, whatever the working directory holds, and says so', async () => {
  const back = process.cwd();
  mkdirSync(join(folder, 'here/all-MiniLM-L6-v2'), { recursive: true });
  writeTinyTextModel(join(folder, 'here/other'));
  process.chdir(join(folder, 'here'));
  try {
    expect(modelSettings({}).source).toMatchObject({ folder: expect.stringMatching(/models.all-MiniLM-L6-v2$/) });
    expect(modelSettings({ model: 'all-MiniLM-L6-v2' })).toEqual(modelSettings({}));
    expect(() => modelSettings({ model: './all-MiniLM-L6-v2' })).toThrow(/^model folder .* lacks config.json/);
    expect(modelSettings({ model: 'other' }).source).toMatchObject({ folder: join(process.cwd(), 'other') });
    for (const options of [{}, { model: 'all-MiniLM-L6-v2' }]) {
      const notices: string[] = [];
      await embedStream(['a'], { ...options, onNotice: (line) => notices.push(line) }).next();
      const name = 'all-MiniLM-L6-v2';
      expect(notices).toEqual(
        options.model ? [`${name} is a bundled model; the folder of that name is meant by ./${name}`] : [],
      );
    }
  } finally {
    process.chdir(back);
  }
});
