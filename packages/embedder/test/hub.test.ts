import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { embedTexts } from '@coreset/embedder';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const here = join(temporaryFolder(), 'model');
const cache = temporaryFolder();
writeTinyTextModel(here, {
  config: { model_type: 'bert', max_position_embeddings: 8 },
  external: ['model_quantized.onnx_data', 'model_quantized.onnx_data_1'],
});

let server: Server;
let asked: string[] = [];
/** What each revision of the model is now: a commit and its files. */
const revisions: Record<string, [commit: string, folder: string]> = { main: ['a1', here] };

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const [, revision, name = ''] = /^\/owner\/name\/resolve\/([^/]+)\/(.+)$/.exec(url) ?? [];
    const found = Object.entries(revisions).find(([branch, [commit]]) => [branch, commit].includes(`${revision}`));
    const [commit = '', folder = ''] = found?.[1] ?? [];
    const file = join(folder, decodeURIComponent(name));
    const isThere = found !== undefined && existsSync(file);
    response.writeHead(isThere ? 200 : url.startsWith('/owner/closed') ? 401 : 404, { 'x-repo-commit': commit });
    response.end(isThere ? readFileSync(file) : 'Entry not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_HOME', cache);
});

afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

beforeEach(() => {
  asked = [];
});

/** What was asked for, the revision in front. */
const askedFor = (): string[] => asked.map((url) => url.replace('/owner/name/resolve/', ''));
const texts = ['a text about cats', 'two birds'];

test('a model of the hub is downloaded once, all of one commit, and is then as one in a folder', async () => {
  const first = await embedTexts(texts, { model: 'owner/name' });
  expect(first).toEqual(await embedTexts(texts, { model: here }));
  expect(askedFor()).toEqual([
    'main/config.json',
    'a1/modules.json',
    'a1/tokenizer_config.json',
    'a1/special_tokens_map.json',
    'a1/tokenizer.json',
    'a1/onnx/model_quantized.onnx',
    'a1/onnx/model_quantized.onnx_data',
    'a1/onnx/model_quantized.onnx_data_1',
  ]);
  const snapshot = join(cache, 'coreset/owner/name/snapshots/a1/onnx');
  expect(readdirSync(snapshot).sort()).toEqual([
    'model_quantized.onnx',
    'model_quantized.onnx_data',
    'model_quantized.onnx_data_1',
  ]);
  asked = [];
  expect(await embedTexts(texts, { model: 'owner/name' })).toEqual(first);
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
  expect(await embedTexts(texts, { model: 'owner/name' })).toEqual(first);
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(asked).toEqual([]);
  await expect(embedTexts(texts, { model: 'owner/name', maxTokens: 9 })).rejects.toThrow(
    /maxTokens 9 is above the 8 positions/,
  );
});

test('a revision is a model of its own, and its files of sentence-transformers come with it', async () => {
  const tagged = join(temporaryFolder(), 'tagged');
  writeTinyTextModel(tagged);
  mkdirSync(join(tagged, '1_Pooling'));
  writeFileSync(join(tagged, '1_Pooling/config.json'), '{"pooling_mode": "cls"}');
  writeFileSync(join(tagged, 'modules.json'), JSON.stringify([{ type: 'x.Pooling', path: '1_Pooling' }]));
  writeFileSync(join(tagged, 'sentence_bert_config.json'), '{"max_seq_length": 5}');
  revisions['pr/1'] = ['b2', tagged];
  revisions[encodeURIComponent('pr/1')] = ['b2', tagged];
  const notices: string[] = [];
  const options = { model: 'owner/name@pr/1', onNotice: (line: string) => notices.push(line) };
  expect(await embedTexts(texts, options)).toEqual(await embedTexts(texts, { model: tagged }));
  expect(await embedTexts(texts, { model: 'owner/name' })).toEqual(await embedTexts(texts, { model: here }));
  expect(askedFor().slice(0, 1)).toEqual(['pr%2F1/config.json']);
  expect(askedFor().filter((url) => url.startsWith('b2/')).length).toBeGreaterThan(5);
  expect(notices[0]).toBe(
    'vectors of the model owner/name@pr/1 are the first token of its last_hidden_state (as its 1_Pooling/config.json says), not scaled to length 1 (its modules.json has no Normalize at its end; --normalise does it)',
  );
  expect(notices[1]).toMatch(/more than 5 tokens/);
});

test('of a model of the hub the whole commit is told, by whatever revision it was asked for', async () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  revisions.v3 = [commit, here];
  const told: object[] = [];
  await embedTexts(['a'], { model: 'owner/name@v3', onDiagnostics: (_, facts) => told.push(facts) });
  expect(told[0]).toMatchObject({ model: 'owner/name@v3', commit });
});

test('what the hub does not give is said in one line', async () => {
  await expect(embedTexts(['a'], { model: 'owner/none' })).rejects.toThrow(
    /^the model owner\/none of the hub lacks config\.json and modules\.json$/,
  );
  await expect(embedTexts(['a'], { model: 'owner/name@v9' })).rejects.toThrow(
    /^the model owner\/name of the hub \(revision v9\) lacks config\.json and modules\.json$/,
  );
  await expect(embedTexts(['a'], { model: 'owner/name', dtype: 'fp32' })).rejects.toThrow(/lacks onnx\/model\.onnx$/);
  expect(asked.filter((url) => /owner\/name.*(main|a1)\/(config|tokenizer)\.json/.test(url))).toEqual([]);
  await expect(embedTexts(['a'], { model: 'owner/closed' })).rejects.toThrow(
    /^cannot download http:.*owner\/closed\/resolve\/main\/config\.json: 401 Unauthorized; there is no folder owner\/closed here either$/,
  );
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
  await expect(embedTexts(['a'], { model: 'owner/other' })).rejects.toThrow(
    /^cannot download .*owner\/other.*fetch failed: /,
  );
  expect(existsSync(join(cache, 'coreset/owner/other'))).toBe(false);
});

test('files outside the folder of the model are not asked for', async () => {
  const odd = join(temporaryFolder(), 'odd');
  writeTinyTextModel(odd);
  revisions.odd = ['c3', odd];
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  writeFileSync(join(odd, 'modules.json'), JSON.stringify([{ type: 'x.Pooling', path: '../../other' }]));
  await expect(embedTexts(['a'], { model: 'owner/name@odd' })).rejects.toThrow(/outside the folder of the model/);
  writeTinyTextModel(odd, { external: ['../../part'] });
  revisions.odd2 = ['d4', odd];
  rmSync(join(odd, 'modules.json'));
  await expect(embedTexts(['a'], { model: 'owner/name@odd2' })).rejects.toThrow(/which is outside its folder/);
  expect(asked.filter((url) => /other|part/.test(url))).toEqual([]);
  expect(readdirSync(join(cache, 'coreset/owner/name/snapshots/d4/onnx'))).toEqual([]);
});
