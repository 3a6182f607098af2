// The Python side in .venv: JupyterLab with the TypeScript kernel of this clone, and the tools whose files the tests read.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The environment in which Jupyter finds the kernel of this clone; nothing is installed outside it. */
export async function jupyterEnvironment() {
  const { installKernel } = await import('@coreset/jupyter');
  const prefix = `${root}.jupyter`;
  await installKernel({ prefix, packages: `${root}notebooks` });
  return { ...process.env, JUPYTER_PATH: `${prefix}/share/jupyter`, JUPYTER_CONFIG_DIR: `${prefix}/config` };
}
