import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support.ts';

export const PYTHON: string = join(
  ROOT,
  process.platform === 'win32' ? '.venv/Scripts/python.exe' : '.venv/bin/python',
);

/**
 * Run a Python program in which the packages of test/requirements.txt can be imported.
 * @param args what it finds in `sys.argv[1:]`
 * @returns what it printed
 */
export function python(program: string, args: string[] = [], cwd?: string): string {
  if (!existsSync(PYTHON))
    throw new Error(
      'there is no .venv; npm test makes it, as does node -e "import(\'./scripts/python-env.mjs\').then((m) => m.setUpPython())"',
    );
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', program, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1', PYTHONIOENCODING: 'utf-8' },
  });
  if (status !== 0) throw new Error(`Python ended with ${status}: ${stderr.slice(-4000)}`);
  return stdout;
}
