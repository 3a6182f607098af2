import { dirname, join, resolve } from 'node:path';
import { CoresetError } from '@coreset/core';
import { sysPrefix, userDataFolder } from './jupyter.js';

/** Where a kernel is; for this user where nothing is given. */
export interface KernelPlace {
  /** In the data folder of this user. */
  user?: boolean;
  /** In the active Python environment. */
  sysPrefix?: boolean;
  /** In `share/jupyter/kernels` of a folder. */
  prefix?: string;
  /** Default: `coreset`. */
  name?: string;
}

export const PLACE = { user: true, sysPrefix: true, prefix: true, name: true } as const;

export function userKernels(): string {
  return join(userDataFolder(), 'kernels');
}

/** The folder of kernels that is asked for; undefined where none is. */
export function kernelsFolder({ user, sysPrefix: isSysPrefix, prefix }: KernelPlace): string | undefined {
  if ([user, isSysPrefix, prefix].filter((given) => given !== undefined && given !== false).length > 1)
    throw new CoresetError('give one of --user, --sys-prefix and --prefix');
  if (prefix === '') throw new CoresetError('--prefix is empty; give a folder');
  if (user) return userKernels();
  if (isSysPrefix) return join(sysPrefix(), 'share', 'jupyter', 'kernels');
  return prefix === undefined ? undefined : join(resolve(prefix), 'share', 'jupyter', 'kernels');
}

/** What lets Jupyter find the kernels of a folder that it does not search. */
export function unsearched(kernels: string): string {
  return `Jupyter does not look in ${kernels}; set JUPYTER_PATH=${dirname(kernels)}`;
}
