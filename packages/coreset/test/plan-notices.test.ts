import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbedOptions } from '@coreset/embedder';
import { plan, prune } from 'coreset';
import { describe, expect, test } from 'vitest';
import { coreset, corpusRows, ROOT, temporaryFolder } from '../../../test/support.ts';
import { writeTinyTextModel } from '../../../test/tiny-text-model.ts';
import type { Corpus } from '../dist/input/corpus.js';
import { embeddingNotices } from '../dist/plan/plan-notices.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** A model that says of itself that it is far larger than it is. */
writeTinyTextModel(at('large'), {
  config: { model_type: 'bert', hidden_size: 32_768, num_hidden_layers: 200, intermediate_size: 131_072 },
});
/** A model whose vectors have any length. */
writeTinyTextModel(at('bare'));
writeFileSync(at('bare/modules.json'), JSON.stringify([{ type: 'a.Transformer', path: '' }]));

function rows(name: string, texts: string[]): string {
  writeFileSync(at(name), texts.map((text, i) => `${JSON.stringify({ text, v: [i, 1] })}\n`).join(''));
  return at(name);
}
const ENGLISH = rows(
  'english.jsonl',
  corpusRows(20).map(({ text }) => text),
);
const RUSSIAN = rows(
  'russian.jsonl',
  Array.from({ length: 20 }, (_, i) => `${i} строк текста, который никто не читает, и GPU`),
);

const FASTER = (model: string): RegExp =>
  new RegExp(`^embedding takes about .*, and with --model ${model} about \\d+ (ms|s): .* \\(docs/models\\.md .*\\)$`);
const LONG = { keep: 5, model: at('large'), text: 'text' };

describe('where embedding would take more than ten minutes', () => {
  test('the plan names the faster choice for the letters of the texts', async () => {
    expect((await plan(ENGLISH, LONG)).notices).toEqual([expect.stringMatching(FASTER('static'))]);
    expect((await plan(RUSSIAN, LONG)).notices).toEqual([expect.stringMatching(FASTER('static-multilingual'))]);
  });

  test('letters that the default does not know are a token each', async () => {
    const russian = Array.from({ length: 200 }, (_, i) => `${i} ${'строка, которую никто ещё не читал '.repeat(6)}`);
    const latin = russian.map((text) => text.replace(/\p{L}/gu, 'a'));
    const seconds = async (texts: string[], model?: string): Promise<number> =>
      (await plan(rows('letters.jsonl', texts), { keep: 5, text: 'text', model })).stages[0].seconds;
    expect(await seconds(russian)).toBeGreaterThan(1.5 * (await seconds(latin)));
    expect(await seconds(russian, at('large'))).toBeLessThan(1.5 * (await seconds(latin, at('large'))));
  });

  test('it is said below the table, and when the run begins', () => {
    const given = [ENGLISH, '--keep', '5', '--text', 'text', '--model', at('large'), '--run-dir', at('run')];
    const line = /^(note: )?embedding takes about .* --model static about /m;
    expect(
      coreset(['plan', ...given])
        .stdout.trim()
        .split('\n')
        .at(-1),
    ).toMatch(line);
    const { stderr, status } = coreset(['prune', ...given]);
    expect(stderr).toMatch(line);
    expect(status).toBe(0);
    expect(stderr.search(line)).toBeLessThan(stderr.search(/vectors of the model/));
    // The vectors are there now.
    expect(coreset(['plan', ...given]).stdout).not.toMatch(line);
    const embed = ['embed', ENGLISH, '--text', 'text', '--model', at('large'), '--out', at('vectors.npy')];
    expect(coreset(embed).stderr).toMatch(line);
  });

  test('nothing is said of what takes less, or embeds nothing', async () => {
    expect((await plan(ENGLISH, { keep: 5, text: 'text' })).notices).toEqual([]);
    expect((await plan(ENGLISH, { keep: 5, vector: 'v' })).notices).toEqual([]);
  });

  test('nothing faster is known of a static model, of images, or of a GPU', async () => {
    const notices = (modality: string, options: EmbedOptions): Promise<string[]> =>
      embeddingNotices({ content: { modality } } as Corpus, options, 601);
    expect(await notices('text', { model: join(ROOT, 'models/tiny-static/wordpiece') })).toEqual([]);
    expect(await notices('image', {})).toEqual([]);
    expect(await notices('text', { device: 'webgpu' })).toEqual([
      expect.stringMatching(/^the time of embedding is that of the processor; .* webgpu .* \(docs\/gpu\.md\)$/),
    ]);
  });
});

test('the plan knows that vectors of a model are not of length 1, which similarities ask for', async () => {
  const options = { keep: 5, text: 'text', model: at('bare'), maxSimilarity: 0.99 };
  const stages = async (more: object): Promise<string[]> =>
    (await plan(ENGLISH, { ...options, ...more })).stages.map(({ stage }) => stage);
  expect(await stages({})).toContain('cosine-graph');
  expect(await stages({ normalise: true })).not.toContain('cosine-graph');
  const result = await prune(ENGLISH, { ...options, runDir: at('similar') });
  expect(Object.keys(result.seconds)).toContain('cosine-graph');
});
