import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from './support.ts';

const PACKAGES = readdirSync(join(ROOT, 'packages'));

// Outside the clone, so that the examples find nothing but what would be published.
const folder = temporaryFolder();

/** Put a package where another project would have it, with the libraries that it declares. */
function install(source: string): void {
  const {
    name,
    dependencies = {},
    optionalDependencies = {},
  } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: source,
    encoding: 'utf8',
  });
  execFileSync('tar', ['xzf', join(folder, packed.trim()), '-C', target, '--strip-components=1']);
  for (const library of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const installed = join(source, 'node_modules', library);
    if (library.startsWith('@coreset/') || !existsSync(installed)) continue;
    mkdirSync(dirname(join(target, 'node_modules', library)), { recursive: true });
    symlinkSync(installed, join(target, 'node_modules', library));
  }
}

beforeAll(() => {
  install(join(ROOT, 'models'));
  for (const name of PACKAGES) install(join(ROOT, 'packages', name));
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
