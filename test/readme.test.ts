import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './support.ts';

// Inside the clone, so that the examples find the packages.
const folder = mkdtempSync(join(ROOT, 'test', '.readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An example and the output that the README promises. */
function exampleOf(path: string): { code: string; output: string } {
  const found = /```js\n([\s\S]*?)```\s+```text\n([\s\S]*?)```/.exec(readFileSync(path, 'utf8'));
  if (found === null) throw new Error(`${path} has no js example followed by its output`);
  return { code: found[1], output: found[2] };
}

test.each(readdirSync(join(ROOT, 'packages')))('the example in packages/%s/README.md prints what it says', (name) => {
  const { code, output } = exampleOf(join(ROOT, 'packages', name, 'README.md'));
  const script = join(folder, `${name}.mjs`);
  writeFileSync(script, code);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe(output);
});
