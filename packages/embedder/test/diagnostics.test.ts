import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostics } from '@coreset/core';
import { type EmbedOptions, embedTexts } from '@coreset/embedder';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { LETTERS_ALONE, type TinyTextModel, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

function model(options: TinyTextModel, files: Record<string, object> = {}): string {
  const folder = join(temporaryFolder(), 'model');
  writeTinyTextModel(folder, options);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  return folder;
}

async function factsOf(texts: string[], options: EmbedOptions): Promise<Diagnostics> {
  let told: Diagnostics = {};
  const onDiagnostics = (stage: string, facts: Diagnostics): void => {
    expect(stage).toBe('embed');
    told = { ...told, ...facts };
  };
  const plain = await embedTexts(texts, options);
  expect(await embedTexts(texts, { ...options, onDiagnostics })).toEqual(plain);
  return told;
}

test('what the options and the files of the model come to, and what was read of the texts', async () => {
  const folder = model({ tokenizer: LETTERS_ALONE });
  const texts = ['text', 'be', 'text', '☃', 'betatexttext'];
  expect(await factsOf(texts, { model: folder, maxTokens: 6, onEmpty: 'zeros' })).toEqual({
    modality: 'text',
    model: folder,
    commit: null,
    dtype: 'q8',
    device: 'cpu',
    pooling: 'mean',
    normalise: true,
    batchSize: 1,
    output: 'last_hidden_state',
    prompt: null,
    lowerCase: false,
    maxTokens: 6,
    long: 'head',
    sameLength: true,
    rows: 5,
    distinct: 4,
    cutRows: 1,
    emptyRows: 1,
  });
});

test('other options, and a prompt, pooling and limit that are in the files of sentence-transformers', async () => {
  const folder = model(
    {},
    {
      'modules.json': [{ type: 'x.Pooling', path: '1_Pooling' }],
      '1_Pooling/config.json': { pooling_mode: 'cls', include_prompt: false },
      'sentence_bert_config.json': { max_seq_length: 5, do_lower_case: true },
      'config_sentence_transformers.json': { prompts: { about: 'about ' }, default_prompt_name: 'about' },
    },
  );
  expect(await factsOf(['cats'], { model: folder, prefix: 'a ' })).toMatchObject({ prompt: 'a ' });
  const facts = await factsOf(['cats', 'dogs'], { model: folder, normalise: false, long: 'mean', batchSize: 2 });
  expect(facts).toMatchObject({
    pooling: 'cls',
    prompt: 'about ',
    pooledPrompt: false,
    lowerCase: true,
    maxTokens: 5,
    normalise: false,
    long: 'mean',
    batchSize: 2,
    sameLength: false,
  });
  const perText = model({ perText: true });
  expect(await factsOf(['cats'], { model: perText })).toMatchObject({ output: 'sentence_embedding', pooling: null });
});

test('without a model it is the bundled one, in batches of texts of the same length', async () => {
  expect(await factsOf(['cats'], {})).toMatchObject({ model: 'all-MiniLM-L6-v2', batchSize: 32, sameLength: true });
});
