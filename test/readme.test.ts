import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { installInto } from './install-packed.ts';
import { ROOT, temporaryFolder } from './support.ts';

const PACKAGES = readdirSync(join(ROOT, 'packages'));

// Outside the clone, so that the examples find nothing but what would be published.
const folder = temporaryFolder();

beforeAll(() => {
  installInto(folder, join(ROOT, 'models'));
  for (const name of PACKAGES) installInto(folder, join(ROOT, 'packages', name));
}, 120_000);

/** An example and the output that the README promises. */
function exampleOf(path: string): { code: string; output: string } {
  const found = /```js\n([\s\S]*?)```\s+```text\n([\s\S]*?)```/.exec(readFileSync(path, 'utf8'));
  if (found === null) throw new Error(`${path} has no js example followed by its output`);
  return { code: found[1], output: found[2] };
}

test.each(PACKAGES)('the example in packages/%s/README.md prints what it says', (name) => {
  const { code, output } = exampleOf(join(ROOT, 'packages', name, 'README.md'));
  const script = join(folder, `${name}.mjs`);
  writeFileSync(script, code);
  const { stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe(output);
});
