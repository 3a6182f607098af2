// The Python side in .venv: JupyterLab with the tslab kernel of this clone, and the tools whose files the tests read.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const venv = `${root}.venv`;
const requirements = [`${root}notebooks/requirements.txt`, `${root}test/requirements.txt`];
const stamp = `${venv}/installed-requirements.txt`;

export const python = process.platform === 'win32' ? `${venv}/Scripts/python.exe` : `${venv}/bin/python`;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

/** Make .venv once, and again when the requirements change. */
export function setUpPython() {
  const wanted = requirements.map((path) => readFileSync(path, 'utf8')).join('');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const base = process.platform === 'win32' ? 'python' : 'python3';
  run(base, ['-m', 'venv', venv]);
  run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...requirements.flatMap((path) => ['-r', path]),
  ]);
  writeFileSync(stamp, wanted);
}

/** The environment in which Jupyter finds the kernel; the kernel spec points into this clone, nothing is installed globally. */
export function jupyterEnvironment() {
  const kernel = `${root}.jupyter/kernels/tslab`;
  mkdirSync(kernel, { recursive: true });
  const tslab = `${root}notebooks/node_modules/tslab/bin/tslab`;
  const spec = {
    argv: [process.execPath, tslab, 'kernel', '--config-path', '{connection_file}'],
    display_name: 'TypeScript (tslab)',
    language: 'typescript',
  };
  writeFileSync(`${kernel}/kernel.json`, `${JSON.stringify(spec, null, 2)}\n`);
  return { ...process.env, JUPYTER_PATH: `${root}.jupyter`, JUPYTER_CONFIG_DIR: `${root}.jupyter/config` };
}
