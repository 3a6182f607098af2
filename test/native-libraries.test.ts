import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ROOT } from './support.ts';

/** The native libraries that a process has loaded after it imported a package and ran some code. */
function nativeLibraries(name: string, code = ''): string[] {
  const path = name === 'coreset' ? 'packages/coreset' : `packages/${name}`;
  const url = pathToFileURL(join(ROOT, path, 'dist/index.js')).href;
  const script = `const it = await import(${JSON.stringify(url)}); ${code};
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify(sharedObjects.filter((path) => /\\.node$|onnxruntime|vips/.test(path))));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test.each(['core', 'rows', 'kernels', 'embedder', 'difficulty', 'graph', 'selector', 'metrics', 'jupyter'])(
  'importing @coreset/%s loads no native library',
  (name) => {
    expect(nativeLibraries(name)).toEqual([]);
  },
);

test('a product of matrices loads onnxruntime', () => {
  const loaded = nativeLibraries('kernels', 'await it.exactQmax()');
  expect(loaded.join('\n')).toMatch(/onnxruntime/);
});
