import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, requireKnownOptions } from '@coreset/core';
import { resolveFrom } from '../language/modules.js';
import { loadTslab, TSLAB_VERSION, typescriptVersion } from '../language/tslab.js';
import { kernelFolders, printedByPython } from './jupyter.js';
import { type KernelPlace, kernelsFolder, PLACE, unsearched, userKernels } from './kernel-place.js';
import { KERNEL_NAME, KERNEL_PROGRAM, type KernelSpec, ownSpecIn, requireKernelName } from './kernel-spec.js';

/** One thing that the kernel needs. */
export interface Check {
  name: 'node' | 'tslab' | 'zeromq' | 'jupyter' | 'kernel' | 'coreset' | 'papermill';
  isFine: boolean;
  /** What was found, or what is missing and what to do. */
  says: string;
}

const NODE = [20, 19];

/**
 * Look whether all is there that the kernel needs.
 * @param options which kernel: where no place is given, the one that Jupyter finds
 * @returns a check for each thing; nothing is thrown for what is missing
 * @throws CoresetError when the place or the name cannot be one
 */
export async function doctor(options: KernelPlace = {}): Promise<Check[]> {
  requireKnownOptions('doctor', options, PLACE);
  const { name = KERNEL_NAME } = options;
  requireKernelName(name);
  const given = kernelsFolder(options);
  const folders = kernelFolders();
  const places = given === undefined ? (folders ?? [userKernels()]) : [given];
  const kernel = findKernel(name, places);
  return [
    check('node', nodeVersion),
    check('tslab', tslabReadsCells),
    await checkAsync('zeromq', zeromqLoads),
    check('jupyter', () => jupyterIsThere(folders)),
    check('kernel', () => {
      const again = installAgain(options);
      if (kernel === undefined)
        throw new Error(`no kernel '${name}' ${given === undefined ? 'where Jupyter looks' : `in ${given}`}; ${again}`);
      const says = kernelIsWhole(kernel, again);
      if (given !== undefined && folders?.includes(given) === false) throw new Error(`${says}: ${unsearched(given)}`);
      return says;
    }),
    check('coreset', () => coresetIsThere(kernel?.spec)),
    ...papermill(),
  ];
}

interface FoundKernel {
  folder: string;
  spec?: KernelSpec;
  error?: unknown;
}

function check(name: Check['name'], look: () => string): Check {
  try {
    return { name, isFine: true, says: look() };
  } catch (error) {
    return { name, isFine: false, says: messageOf(error).split('\n')[0] };
  }
}

async function checkAsync(name: Check['name'], look: () => Promise<string>): Promise<Check> {
  try {
    const says = await look();
    return check(name, () => says);
  } catch (error) {
    return check(name, () => {
      throw error;
    });
  }
}

function nodeVersion(): string {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1]))
    throw new Error(`Node.js ${process.version} cannot import modules into cells; install ${NODE.join('.')} or later`);
  return `${process.version}, ${process.execPath}`;
}

/** Reads cells that an unmended tslab reads otherwise. */
function tslabReadsCells(): string {
  const tslab = loadTslab();
  const misfit = tslab.misfit();
  if (misfit !== undefined) throw new Error(misfit);
  const folder = process.cwd();
  const converter = tslab.openConverter({ folder, packages: folder });
  try {
    const { diagnostics } = converter.convert('', 'const text: string = [""].find((each) => each !== "");');
    const awaiting = converter.convert('', 'console.log(await Promise.resolve(1));');
    if (diagnostics.length === 0 || awaiting.diagnostics.length !== 0)
      throw new Error(`tslab ${TSLAB_VERSION} reads cells otherwise than it should; install @coreset/jupyter anew`);
  } finally {
    converter.close();
  }
  return `${TSLAB_VERSION}, TypeScript ${typescriptVersion()}`;
}

async function zeromqLoads(): Promise<string> {
  try {
    const { version } = await import('zeromq');
    return `libzmq ${version}`;
  } catch (error) {
    const said = messageOf(error).split('\n')[0];
    throw new Error(`its binary does not load (${said}); install @coreset/jupyter anew, with scripts allowed`);
  }
}

function jupyterIsThere(folders: string[] | undefined): string {
  if (folders === undefined)
    throw new Error("no 'jupyter' on the PATH; pip install jupyterlab, or activate the environment that has it");
  return `looks for kernels in ${folders.join(', ')}`;
}

function findKernel(name: string, folders: string[]): FoundKernel | undefined {
  const kernels = folders.map((each) => join(each, name));
  const folder = kernels.find((each) => existsSync(join(each, 'kernel.json')));
  if (folder === undefined) return undefined;
  try {
    return { folder, spec: ownSpecIn(folder) };
  } catch (error) {
    return { folder, error };
  }
}

/** The command that puts the kernel there. */
function installAgain({ name = KERNEL_NAME, user, sysPrefix, prefix }: KernelPlace): string {
  const options = [
    ...(user ? ['--user'] : []),
    ...(sysPrefix ? ['--sys-prefix'] : []),
    ...(prefix === undefined ? [] : ['--prefix', prefix]),
    ...(name === KERNEL_NAME ? [] : ['--name', name]),
  ];
  return ['coreset jupyter install', ...options].join(' ');
}

function kernelIsWhole(kernel: FoundKernel, again: string): string {
  if (kernel.spec === undefined) throw kernel.error;
  const [node, program, , packages] = kernel.spec.argv;
  const missing = [node, program, packages].find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`${kernel.folder} names ${missing}, which is gone; ${again}`);
  const other = program === KERNEL_PROGRAM ? '' : `, of another installation: ${program}`;
  return `${kernel.folder}${other}`;
}

/** The Python package that teaches papermill to write TypeScript. */
const REGISTRATION = fileURLToPath(new URL('../../papermill', import.meta.url));

/** Only where it is installed: the kernel does not need it. */
function papermill(): Check[] {
  const found = printedByPython(
    'from importlib.util import find_spec as f; print(f("papermill") is not None, f("coreset_papermill") is not None)',
  );
  if (!found?.startsWith('True')) return [];
  const says = found.endsWith('True')
    ? 'writes parameters as TypeScript'
    : `to set parameters in notebooks of this kernel: pip install ${REGISTRATION}`;
  return [{ name: 'papermill', isFine: true, says }];
}

function coresetIsThere(spec: KernelSpec | undefined): string {
  const folder = spec?.argv[3] ?? process.cwd();
  try {
    return resolveFrom(folder, 'coreset');
  } catch {
    throw new Error(
      `'coreset' cannot be imported from ${folder}; npm install coreset, and coreset jupyter install again`,
    );
  }
}
