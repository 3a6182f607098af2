import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CoresetError } from '@coreset/core';

/** What a command prints; undefined where it is not there or fails. */
export function printed(command: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : undefined;
}

/** The folders in which Jupyter looks for kernels, first found first taken; undefined where there is no Jupyter. */
export function kernelFolders(): string[] | undefined {
  const paths = printed('jupyter', ['--paths', '--json']);
  if (paths === undefined) return undefined;
  const { data }: { data: string[] } = JSON.parse(paths);
  return data.map((folder) => join(folder, 'kernels'));
}

/** Where Jupyter keeps the data of this user: what Jupyter says, else by the rules of jupyter_core. */
export function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, APPDATA, XDG_DATA_HOME, JUPYTER_CONFIG_DIR } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  const said = printed('jupyter', ['--data-dir']);
  if (said) return said;
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (process.platform === 'win32')
    return APPDATA ? join(APPDATA, 'jupyter') : join(JUPYTER_CONFIG_DIR || join(home, '.jupyter'), 'data');
  return join(XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter');
}

/** What a program prints in the Python at work: that of the active environment, else the first on the PATH. */
export function printedByPython(program: string): string | undefined {
  const isWindows = process.platform === 'win32';
  const environment = process.env.VIRTUAL_ENV || process.env.CONDA_PREFIX;
  const inside = isWindows ? ['python.exe', 'Scripts/python.exe'] : ['bin/python'];
  const own = environment ? inside.map((path) => join(environment, path)).find((path) => existsSync(path)) : undefined;
  for (const python of own === undefined ? ['python3', 'python'] : [own]) {
    const said = printed(python, ['-c', program]);
    if (said) return said;
  }
  return undefined;
}

/** `sys.prefix` of the Python at work. @throws CoresetError where there is none */
export function sysPrefix(): string {
  const prefix = printedByPython('import sys; print(sys.prefix)');
  if (prefix !== undefined) return prefix;
  throw new CoresetError('--sys-prefix needs a Python: activate an environment, or give --user or --prefix FOLDER');
}
