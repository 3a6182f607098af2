import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CoresetError } from '@coreset/core';

/** The kernel's name where none is given: the folder of its spec. */
export const KERNEL_NAME = 'coreset';
/** The program that Jupyter starts. */
export const KERNEL_PROGRAM: string = fileURLToPath(new URL('../kernel/main.js', import.meta.url));
export const LOGO: string = fileURLToPath(new URL('../../spec/logo-svg.svg', import.meta.url));

/** kernel.json, as Jupyter reads it. */
export interface KernelSpec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: 'message' | 'signal';
  metadata: Record<string, unknown>;
}

/** What marks a spec as ours. */
const MARK = '@coreset/jupyter';

/**
 * The spec of the kernel.
 * @param packages where packages are looked for that a notebook's folder does not have
 */
export function kernelSpec(name: string, packages: string): KernelSpec {
  return {
    argv: [process.execPath, KERNEL_PROGRAM, '--packages', packages, '{connection_file}'],
    display_name: `TypeScript (${name})`,
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { [MARK]: true, debugger: false },
  };
}

/** The spec in a folder; undefined where there is none. @throws CoresetError when it is another kernel's, or broken */
export function ownSpecIn(folder: string): KernelSpec | undefined {
  const path = join(folder, 'kernel.json');
  if (!existsSync(path)) return undefined;
  let spec: KernelSpec | undefined;
  try {
    spec = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    spec = undefined;
  }
  if (spec?.metadata?.[MARK] !== true)
    throw new CoresetError(`${folder} is the kernel of another program; give another --name`);
  return spec;
}

/** @throws CoresetError when Jupyter would not take the name */
export function requireKernelName(name: string): void {
  if (!/^[a-z0-9._-]+$/.test(name))
    throw new CoresetError(`a kernel's name has lower-case letters, digits, '.', '_' and '-', got '${name}'`);
}
