import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { modelFiles } from '@coreset/embedder';
import { type PruneOptions, prune } from 'coreset';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { coreset, ROOT, temporaryFolder } from '../../../test/support.ts';
import { type TinyTextModel, writeTinyTextModel } from '../../../test/tiny-text-model.ts';

const folder = temporaryFolder();
const input = join(folder, 'rows.jsonl');
const texts = ['a text about cats', 'two birds', 'one long text', 'short', 'dogs', 'cats about birds'];
writeFileSync(input, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));

let made = 0;
const fresh = (): string => join(folder, `${made++}`);

async function isReused(model: string, runDir: string, options: PruneOptions = { dtype: 'fp32' }): Promise<boolean> {
  const { reused } = await prune(input, { model, ...options, keep: 2, threads: 1, map: 'none', runDir });
  return reused.includes('embed');
}

describe('vectors are made anew', () => {
  test('when the table or the tokenizer of a static model is another', async () => {
    const model = fresh();
    cpSync(join(ROOT, 'models/tiny-static/layers'), model, { recursive: true });
    const runDir = fresh();
    expect(await isReused(model, runDir, {})).toBe(false);
    for (const file of ['0_StaticEmbedding/model.safetensors', '0_StaticEmbedding/tokenizer.json', 'modules.json']) {
      expect(await isReused(model, runDir, {}), file).toBe(true);
      const content = readFileSync(join(model, file));
      if (file.endsWith('.json')) appendFileSync(join(model, file), ' ');
      else writeFileSync(join(model, file), content.fill(content[content.length - 1] ^ 1, content.length - 1));
      expect(await isReused(model, runDir, {}), file).toBe(false);
    }
  });

  test('when any file of the model is another', async () => {
    const model = fresh();
    cpSync(join(ROOT, 'models/tiny/mean'), model, { recursive: true });
    writeTinyTextModel(model, { file: 'model.onnx', external: ['model.onnx_data', 'model.onnx_data_1'] });
    for (const file of ['special_tokens_map.json', 'sentence_roberta_config.json'])
      writeFileSync(join(model, file), '{}');
    const files = modelFiles(model, 'fp32', 'text');
    expect(files).toHaveLength(13);
    const runDir = fresh();
    expect(await isReused(model, runDir)).toBe(false);
    for (const file of files) {
      expect(await isReused(model, runDir), file).toBe(true);
      // Behind JSON a space counts for nothing, and behind ONNX a further description.
      appendFileSync(join(model, file), file.endsWith('.onnx') ? Buffer.from([6 * 8 + 2, 1, 32]) : ' ');
      expect(await isReused(model, runDir), file).toBe(false);
    }
  });

  test('when a model of the hub is another under the same name', async () => {
    const runDir = fresh();
    writeTinyTextModel(hub.folder, { file: 'model.onnx' });
    expect(await isReused('owner/name', runDir)).toBe(false);
    expect(await isReused('owner/name', runDir)).toBe(true);
    writeTinyTextModel(hub.folder, { file: 'model.onnx', rows: { input_ids: 99 } });
    hub.commit = 'b2';
    // What is here stays, whatever the hub has.
    expect(await isReused('owner/name', runDir)).toBe(true);
    rmSync(join(hub.cache, 'coreset'), { recursive: true });
    expect(await isReused('owner/name', runDir)).toBe(false);
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9');
    expect(await isReused('owner/name', runDir)).toBe(true);
  });
});

const hub = { folder: fresh(), cache: fresh(), commit: 'a1' };
const server = createServer(({ url = '' }, response) => {
  const file = join(hub.folder, url.replace(/^\/owner\/name\/resolve\/[^/]+\//, ''));
  response.writeHead(existsSync(file) ? 200 : 404, { 'x-repo-commit': hub.commit });
  response.end(existsSync(file) ? readFileSync(file) : 'Entry not found');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('HF_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('HF_HOME', hub.cache);
});

afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

describe('the command line', () => {
  const embed = (spec: TinyTextModel, ...args: string[]): ReturnType<typeof coreset> & { out: string } => {
    const [model, out] = [fresh(), `${fresh()}.npy`];
    writeTinyTextModel(model, spec);
    return { ...coreset(['embed', input, '--model', model, '--out', out, '--threads', '1', ...args]), out };
  };

  test.each(['NaN', 'zeros'] as const)('names the row of which a model gives %s, or leaves it out', (two) => {
    const failed = embed({ two });
    expect(failed.status).toBe(2);
    expect(failed.stderr.trim().split('\n').at(-1)).toMatch(
      /^coreset: .*rows\.jsonl: row 1: the model gives (NaN or infinite numbers|nothing but zeros) for "two birds"; use .*, or choose --on-bad-row skip or keep$/,
    );
    expect(existsSync(failed.out)).toBe(false);
    const skipped = embed({ two }, '--on-bad-row', 'skip');
    expect(skipped.status, skipped.stderr).toBe(0);
    expect(skipped.stdout).toMatch(/embeddings of 5 rows \(1 rows? .* left out\)/);
    expect(skipped.stderr).toMatch(/the model reads nothing of 1 of 6 rows: .* or it gives no numbers/);
  });

  test('does not use the result of a run that left the row out where it may not be left out', () => {
    const model = fresh();
    writeTinyTextModel(model, { two: 'NaN' });
    const args = ['prune', input, '--model', model, '--keep', '2', '--run-dir', fresh(), '--threads', '1'];
    const kept = coreset([...args, '--on-bad-row', 'skip']);
    expect(kept.status, kept.stderr).toBe(0);
    const failed = coreset(args);
    expect(failed.status).toBe(2);
    expect(failed.stderr).toMatch(/rows\.jsonl: row 1: the model gives NaN/);
  });

  test.each<[string, TinyTextModel, RegExp]>([
    ['fails while it runs', { fails: true }, /the model in .* fails: /],
    [
      'lacks tokens',
      { rows: { input_ids: 8 } },
      /the model in .* fails: the tokenizer gives the token 1\d, and the model knows those up to 7/,
    ],
    ['gives no vectors', { type: 'int64' }, /is of the type int64/],
    ['asks for more', { asks: ['labels'] }, /the model asks for labels/],
  ])('says in one line that a model %s', (_, spec, line) => {
    const { status, stderr, out } = embed(spec);
    expect(status).toBe(2);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stderr.trim().split('\n').at(-1)).toMatch(new RegExp(`^coreset: .*${line.source}`));
    expect([out, `${out}.part`, `${out}.journal`].filter((path) => existsSync(path))).toEqual([]);
  });

  test('says in one line that a file of a model is a link to nothing', () => {
    const model = fresh();
    writeTinyTextModel(model);
    symlinkSync(join(folder, 'gone'), join(model, 'modules.json'));
    const { status, stderr } = coreset(['embed', input, '--model', model, '--out', `${fresh()}.npy`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^coreset: cannot read .*modules\.json: it is a link to .*gone, which is not there; copy .*\n$/,
    );
  });
});
