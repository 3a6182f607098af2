import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { coreset, temporaryFolder } from '../../../test/support.ts';

const folder = temporaryFolder();
const path = join(folder, 'rows.jsonl');
writeFileSync(path, ['cats', 'dogs', 'birds'].map((text) => `${JSON.stringify({ text })}\n`).join(''));

/** What a command says of a device that this machine may have. */
const LINE =
  /^coreset: device '\w+' (cannot be used: .*; it needs .*|is there on .* alone; onnxruntime has here .*)\n$/;

describe('a device that is not there', () => {
  test.each(['cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'])('%s is told in one line, before any work', (device) => {
    const runDir = join(folder, device);
    const { status, stdout, stderr } = coreset(['prune', path, '--keep', '2', '--device', device, '--run-dir', runDir]);
    if (status === 0) return; // this machine has it
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(LINE);
    expect(existsSync(join(runDir, 'embeddings.npy'))).toBe(false);
  });

  test('is told by plan, embed and compare too', () => {
    const message = /^coreset: device 'abacus' is not known; onnxruntime has here \(\w+ \w+\): cpu\b.*\n$/;
    for (const command of [
      ['plan', path, '--keep', '2'],
      ['embed', path, '--out', join(folder, 'vectors.npy')],
      ['compare', path, '--keep', '2', '--methods', 'random'],
    ]) {
      const { status, stderr } = coreset([...command, '--device', 'abacus']);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
  });

  test.each(['prune', 'plan'])('is not looked for where %s has a model without use for it', (command) => {
    for (const device of ['cuda', 'webgpu', 'abacus']) {
      const { status, stderr } = coreset([command, path, '--keep', '2', '--model', 'static', '--device', device]);
      expect(stderr).toMatch(`coreset: device '${device}' would have no effect: static is a static model`);
      expect(status).toBe(2);
    }
  });

  test('is no matter where nothing is embedded', () => {
    const vectors = join(folder, 'vectors.jsonl');
    writeFileSync(vectors, [1, 2, 3].map((x) => `${JSON.stringify({ v: [x, 1] })}\n`).join(''));
    const { stderr } = coreset(['prune', vectors, '--vector', 'v', '--keep', '2', '--device', 'abacus']);
    expect(stderr).toMatch(/--device means nothing to vectors of your own/);
  });
});
