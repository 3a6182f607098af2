import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { embedTexts } from '@coreset/embedder';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support.ts';
import { writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const here = join(temporaryFolder(), 'model');
const cache = temporaryFolder();
writeTinyTextModel(here, { config: { model_type: 'bert', max_position_embeddings: 8 } });

let server: Server;
let asked: string[] = [];

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const file = join(here, url.replace(/^\/owner\/name\/resolve\/main\//, ''));
    const isThere = url.startsWith('/owner/name/') && existsSync(file);
    response.writeHead(isThere ? 200 : url.startsWith('/owner/closed') ? 401 : 404);
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

test('a model of the hub is downloaded once, and is then as one in a folder', async () => {
  const texts = ['a text about cats', 'two birds'];
  const first = await embedTexts(texts, { model: 'owner/name' });
  expect(first).toEqual(await embedTexts(texts, { model: here }));
  expect(asked.map((url) => url.replace('/owner/name/resolve/main/', ''))).toEqual([
    'config.json',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'tokenizer.json',
    'onnx/model_quantized.onnx_data',
    'onnx/model_quantized.onnx',
  ]);
  expect(readdirSync(join(cache, 'coreset/owner/name/onnx'))).toEqual(['model_quantized.onnx']);
  asked = [];
  expect(await embedTexts(texts, { model: 'owner/name' })).toEqual(first);
  expect(asked).toEqual([]);
  await expect(embedTexts(texts, { model: 'owner/name', maxTokens: 9 })).rejects.toThrow(
    /maxTokens 9 is above the 8 positions/,
  );
});

test('what the hub does not give is said in one line', async () => {
  await expect(embedTexts(['a'], { model: 'owner/none' })).rejects.toThrow(
    /^the model owner\/none of the hub lacks config\.json$/,
  );
  await expect(embedTexts(['a'], { model: 'owner/name', dtype: 'fp32' })).rejects.toThrow(/lacks onnx\/model\.onnx$/);
  expect(asked.filter((url) => /owner\/name.*main\/(config|tokenizer)\.json/.test(url))).toEqual([]);
  await expect(embedTexts(['a'], { model: 'owner/closed' })).rejects.toThrow(
    /^cannot download http:.*owner\/closed\/resolve\/main\/config\.json: 401 Unauthorized; there is no folder owner\/closed here either$/,
  );
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
  await expect(embedTexts(['a'], { model: 'owner/other' })).rejects.toThrow(
    /^cannot download .*owner\/other.*fetch failed: /,
  );
  expect(existsSync(join(cache, 'coreset/owner/other'))).toBe(false);
});
