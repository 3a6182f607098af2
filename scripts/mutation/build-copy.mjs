// Compiles the copy of the workspace that Stryker mutates and tests. The copy needs node_modules whose links to the workspace's own
// packages lead into the copy; every other link leads to what is installed.
import { execSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const { MUTATION_PACKAGE, MUTATION_WORKSPACE } = process.env;
const workspace = realpathSync(MUTATION_WORKSPACE);
const installed = join(workspace, 'node_modules') + sep;

function link(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    if (name === '.bin' || (name.startsWith('@') && !lstatSync(source).isSymbolicLink())) {
      link(source, join(to, name));
      continue;
    }
    const target = realpathSync(source);
    const isOwn = !target.startsWith(installed);
    symlinkSync(isOwn ? join(process.cwd(), relative(workspace, target)) : target, join(to, name));
  }
}

for (const folder of ['.', ...readdirSync('packages').map((name) => join('packages', name))]) {
  const from = join(workspace, folder, 'node_modules');
  const to = join(folder, 'node_modules');
  if (existsSync(from) && !existsSync(to)) link(from, to);
}
// Tests that compare with Python.
if (existsSync(join(workspace, '.venv')) && !existsSync('.venv'))
  symlinkSync(realpathSync(join(workspace, '.venv')), '.venv');
execSync(`npx tsc --build packages/${MUTATION_PACKAGE}`, { stdio: 'inherit' });
