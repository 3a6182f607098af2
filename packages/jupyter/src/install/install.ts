import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CoresetError, fileError, requireKnownOptions, writeFileAtomic } from '@coreset/core';
import { kernelFolders } from './jupyter.js';
import { type KernelPlace, kernelsFolder, PLACE, unsearched, userKernels } from './kernel-place.js';
import { KERNEL_NAME, kernelSpec, LOGO, ownSpecIn, requireKernelName } from './kernel-spec.js';

export interface InstallOptions extends KernelPlace {
  /** The folder of a package beside which packages are found that a notebook's folder does not have. */
  packages?: string;
}

/** A kernel that was installed. */
export interface InstalledKernel {
  name: string;
  displayName: string;
  folder: string;
  /** Whether Jupyter looks there; undefined where no Jupyter is on the PATH. */
  isFound: boolean | undefined;
  /** Where Jupyter does not look there: what to set. */
  hint?: string;
}

/**
 * Put the spec of the kernel where Jupyter finds it; an earlier one of the same name is replaced.
 * @throws CoresetError when the place cannot be written, or holds the kernel of another program
 */
export async function installKernel(options: InstallOptions = {}): Promise<InstalledKernel> {
  requireKnownOptions('installKernel', options, { ...PLACE, packages: true });
  const { name = KERNEL_NAME, packages = process.cwd() } = options;
  requireKernelName(name);
  const kernels = kernelsFolder(options) ?? userKernels();
  const folder = join(kernels, name);
  ownSpecIn(folder);
  const spec = kernelSpec(name, resolve(packages));
  try {
    mkdirSync(folder, { recursive: true });
    copyFileSync(LOGO, join(folder, 'logo-svg.svg'));
  } catch (error) {
    throw fileError('write', folder, error);
  }
  await writeFileAtomic(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  const isFound = kernelFolders()?.includes(kernels);
  const installed = { name, displayName: spec.display_name, folder, isFound };
  return isFound === false ? { ...installed, hint: unsearched(kernels) } : installed;
}

/**
 * Remove the kernel; where no place is given, from wherever Jupyter finds it.
 * @returns the folders that are gone
 * @throws CoresetError when there is none, or it is the kernel of another program
 */
export function uninstallKernel(options: KernelPlace = {}): string[] {
  requireKnownOptions('uninstallKernel', options, PLACE);
  const { name = KERNEL_NAME } = options;
  requireKernelName(name);
  const given = kernelsFolder(options);
  const places = given === undefined ? new Set([userKernels(), ...(kernelFolders() ?? [])]) : [given];
  const folders = [...places].map((kernels) => join(kernels, name));
  const installed = folders.filter((folder) => ownSpecIn(folder) !== undefined);
  if (installed.length === 0) throw new CoresetError(`no kernel '${name}' in ${[...places].join(', ')}`);
  for (const folder of installed) {
    try {
      rmSync(folder, { recursive: true });
    } catch (error) {
      throw fileError('remove', folder, error);
    }
  }
  return installed;
}
